from .detox import METHODS as METHODS
from .detox import load_intervention as load_intervention
from .errors import HormesisError as HormesisError
from .evaluate import Setting as Setting
from .models import load as load
from .study.opened import OpenStudy as OpenStudy
from .workbench import concept as concept
from .workbench import cost as cost
from .workbench import fit as fit
from .workbench import frontier as frontier
from .workbench import generate as generate
from .workbench import measure as measure
from .workbench import steer as steer
from .workbench import told as told

__version__: str
