from .errors import HormesisError as HormesisError

__version__: str
