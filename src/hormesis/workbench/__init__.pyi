from .evidence import gather as gather
from .loading import Loaded as Loaded
from .loading import load as load
from .measuring import Setting as Setting
from .measuring import measure as measure
from .probing import probe_table as probe_table
