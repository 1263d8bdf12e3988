from .lens import Lens as Lens
from .lens import lens_page as lens_page
from .sample import Sample as Sample
from .write import write_report as write_report
