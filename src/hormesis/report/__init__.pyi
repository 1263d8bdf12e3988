from .explore.views import TrainingCurve as TrainingCurve
from .lens import Lens as Lens
from .lens import lens_page as lens_page
from .page import Facts as Facts
from .sample import Sample as Sample
from .sample import SampleOfSeed as SampleOfSeed
from .write import write_report as write_report
