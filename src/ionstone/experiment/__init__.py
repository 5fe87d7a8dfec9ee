"""Experiment: protocols (what is done to a cell), as text, files or objects.

from ionstone.experiment import parse_protocol

protocol = parse_protocol("Charge at C/3 until 4.2 V; Hold at 4.2 V until C/50; Rest for 1 hour")
"""

from __future__ import annotations

from ionstone.experiment.checks import check_against_cell as check_against_cell
from ionstone.experiment.checks import check_protocol as check_protocol
from ionstone.experiment.cycle_file import read_cycle as read_cycle
from ionstone.experiment.for_cell import in_amperes as in_amperes
from ionstone.experiment.for_cell import with_cut_offs as with_cut_offs
from ionstone.experiment.named import cc_cv_charge as cc_cv_charge
from ionstone.experiment.named import gitt as gitt
from ionstone.experiment.named import hppc as hppc
from ionstone.experiment.named import named_protocol as named_protocol
from ionstone.experiment.named import ocv as ocv
from ionstone.experiment.named import protocol_name as protocol_name
from ionstone.experiment.named import rate_test as rate_test
from ionstone.experiment.parse import parse_protocol as parse_protocol
from ionstone.experiment.steps import OUTPUTS as OUTPUTS
from ionstone.experiment.steps import Limit as Limit
from ionstone.experiment.steps import Profile as Profile
from ionstone.experiment.steps import Protocol as Protocol
from ionstone.experiment.steps import Step as Step
