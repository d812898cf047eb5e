"""Who carries what, and the drawing of it."""

from __future__ import annotations

from ansible_collections.groupware.ha.plugins.module_utils.description.placement import (
    capacity,
    carrier,
    draw,
    load,
    summary,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.descriptions import good_description, judge

DEPLOYMENT, _ = judge(good_description())

DRAWING = """\
service         model       address          nodea       nodeb       nodec
--------------  ----------  ---------------  ----------  ----------  ---------
mail1           symmetric   192.0.2.21       home        standby     .
mail2           symmetric   192.0.2.22       standby     home        .
calendar        asymmetric  2001:db8:77::31  standby 1   standby 2   home
--------------  ----------  ---------------  ----------  ----------  ---------
after one loss                               2 services  2 services  1 service"""


def test_carrier_is_the_first_node_that_is_left() -> None:
    calendar = DEPLOYMENT.services[2]

    assert carrier(calendar) == "nodec"
    assert carrier(calendar, ["nodec"]) == "nodea"
    assert carrier(calendar, ["nodec", "nodea"]) == "nodeb"
    assert carrier(calendar, ["nodea", "nodeb", "nodec"]) is None


def test_load() -> None:
    assert load(DEPLOYMENT) == {"nodea": ["mail1"], "nodeb": ["mail2"], "nodec": ["calendar"]}
    assert load(DEPLOYMENT, ["nodea"]) == {"nodeb": ["mail1", "mail2"], "nodec": ["calendar"]}
    assert load(DEPLOYMENT, ["nodea", "nodeb"]) == {"nodec": ["calendar"]}


def test_capacity_survives_the_loss_of_any_one_node() -> None:
    assert capacity(DEPLOYMENT) == {"nodea": 2, "nodeb": 2, "nodec": 1}


def test_drawing() -> None:
    assert draw(DEPLOYMENT) == DRAWING


def test_summary() -> None:
    assert summary(DEPLOYMENT)["services"]["calendar"] == ["nodec", "nodea", "nodeb"]
    assert set(summary(DEPLOYMENT)) == {"services", "load", "capacity"}
