from .detectors import linear_probe as linear_probe
from .detectors import zero_shot as zero_shot
from .texts import DetectionConfig as DetectionConfig
from .texts import read_toxigen as read_toxigen
