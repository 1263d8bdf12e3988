from .detectors import linear_probe as linear_probe
from .detectors import zero_shot as zero_shot
from .summary import (
    Area as Area,
)
from .summary import (
    area_under_roc as area_under_roc,
)
from .summary import (
    balanced_accuracy as balanced_accuracy,
)
from .summary import (
    detection_measurements as detection_measurements,
)
from .table import DetectionTable as DetectionTable
from .texts import DetectionConfig as DetectionConfig
from .texts import read_toxigen as read_toxigen
