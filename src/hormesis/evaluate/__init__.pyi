from .agreement import Estimate as Estimate
from .agreement import over_prompts as over_prompts
from .agreement import over_settings as over_settings
from .calibration import Calibration as Calibration
from .calibration import calibrate as calibrate
from .capability import (
    AnswerTable as AnswerTable,
)
from .capability import (
    CapabilityConfig as CapabilityConfig,
)
from .capability import (
    Task as Task,
)
from .capability import (
    answer_measurements as answer_measurements,
)
from .capability import (
    evaluate_tasks as evaluate_tasks,
)
from .capability import (
    load_tasks as load_tasks,
)
from .continuations import GenerationConfig as GenerationConfig
from .continuations import Generations as Generations
from .cost import DocumentTable as DocumentTable
from .cost import language_model_cost as language_model_cost
from .detection import (
    DetectionConfig as DetectionConfig,
)
from .detection import (
    DetectionTable as DetectionTable,
)
from .detection import (
    detection_measurements as detection_measurements,
)
from .detection import (
    linear_probe as linear_probe,
)
from .detection import (
    read_toxigen as read_toxigen,
)
from .detection import (
    zero_shot as zero_shot,
)
from .generation import generate as generate
from .measurement import (
    Measurement as Measurement,
)
from .measurement import (
    Origin as Origin,
)
from .measurement import (
    read_measurements as read_measurements,
)
from .measurement import (
    to_frame as to_frame,
)
from .measurement import (
    write_measurements as write_measurements,
)
from .measuring import Measured as Measured
from .measuring import measure as measure
from .prompt_table import PromptTable as PromptTable
from .protocol import (
    ProtocolResult as ProtocolResult,
)
from .protocol import (
    evaluate_prompts as evaluate_prompts,
)
from .protocol import (
    score_generations as score_generations,
)
from .ranked_samples import own_pairs as own_pairs
from .ratio_bootstrap import Intervals as Intervals
from .ratio_bootstrap import bootstrap as bootstrap
from .reference import (
    ReferenceAgreement as ReferenceAgreement,
)
from .reference import (
    ReferenceScale as ReferenceScale,
)
from .reference import (
    against_reference as against_reference,
)
from .score_cache import CachedScorer as CachedScorer
from .score_cache import ScoreCache as ScoreCache
from .scorer import (
    Scorer as Scorer,
)
from .scorer import (
    ScorerAgreement as ScorerAgreement,
)
from .scorer import (
    scorer_agreement as scorer_agreement,
)
from .scorers import SCORERS as SCORERS
from .scorers import EncoderConfig as EncoderConfig
from .scorers import HuggingFaceScorer as HuggingFaceScorer
from .scorers import MicroworldScorer as MicroworldScorer
from .scorers import NgramConfig as NgramConfig
from .scorers import NgramScorer as NgramScorer
from .scorers import fit_encoder as fit_encoder
from .scorers import scorer_at as scorer_at
from .suite import EvaluationSuite as EvaluationSuite
from .suite import Setting as Setting
from .summary import document_measurements as document_measurements
from .summary import prompt_measurements as prompt_measurements
from .text_metrics import TEXT_METRICS as TEXT_METRICS
from .text_metrics import text_measures as text_measures
from .toxicity import Toxicity as Toxicity
from .toxicity import toxicity_metrics as toxicity_metrics
