from .concept_bank import (
    ConceptBankConfig as ConceptBankConfig,
)
from .concept_bank import (
    ConceptTexts as ConceptTexts,
)
from .concept_bank import (
    read_concept_bank as read_concept_bank,
)
from .concepts import ConceptConfig as ConceptConfig
from .concepts import LabelledTexts as LabelledTexts
from .concepts import concept_of_records as concept_of_records
from .concepts import read_concept as read_concept
from .copies import first_places as first_places
from .documents import Document as Document
from .documents import SourceConfig as SourceConfig
from .documents import read as read
from .hashed_rows import LocatedText as LocatedText
from .held_out import (
    Half as Half,
)
from .held_out import (
    HeldOutConfig as HeldOutConfig,
)
from .held_out import (
    Role as Role,
)
from .held_out import (
    half_of as half_of,
)
from .held_out import (
    role_of as role_of,
)
from .held_out import (
    with_role as with_role,
)
from .microworld import Microworld as Microworld
from .microworld import MicroworldConfig as MicroworldConfig
from .mixture import Cooldown as Cooldown
from .mixture import Mixture as Mixture
from .mixture_config import MixtureConfig as MixtureConfig
from .overlap import EvaluationIndex as EvaluationIndex
from .overlap import Overlap as Overlap
from .overlap import located as located
from .prompts import Prompt as Prompt
from .prompts import PromptConfig as PromptConfig
from .prompts import read_prompts as read_prompts
from .rows import HUB_DATASETS as HUB_DATASETS
from .scored_continuations import ContinuationsConfig as ContinuationsConfig
from .scored_continuations import ScoredContinuations as ScoredContinuations
from .scored_continuations import read_continuations as read_continuations
from .scored_texts import (
    ScoredTexts as ScoredTexts,
)
from .scored_texts import (
    ScoredTextsConfig as ScoredTextsConfig,
)
from .scored_texts import (
    read_scored_texts as read_scored_texts,
)
from .shards import TokenShards as TokenShards
from .tokenization import tokenize as tokenize
from .tokenizer import (
    load_tokenizer as load_tokenizer,
)
from .tokenizer import (
    tokenizer_hash as tokenizer_hash,
)
from .tokenizer import (
    train_tokenizer as train_tokenizer,
)
