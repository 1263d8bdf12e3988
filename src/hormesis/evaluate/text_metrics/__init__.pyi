from .measures import TextMeasures as TextMeasures
from .measures import text_measures as text_measures
from .registry import TEXT_METRICS as TEXT_METRICS
from .registry import TextMetric as TextMetric
from .registry import text_metric as text_metric
