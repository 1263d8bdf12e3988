from .answers import evaluate_tasks as evaluate_tasks
from .catalogue import TASKS as TASKS
from .config import CapabilityConfig as CapabilityConfig
from .data import Task as Task
from .data import find_task_file as find_task_file
from .data import load_tasks as load_tasks
from .likelihood import likelihoods as likelihoods
