"""corosync.conf: reading what others wrote, writing ours, and node ids that stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.groupware.ha.plugins.module_utils.description.corosync_options import QUORUM, TOTEM
from ansible_collections.groupware.ha.plugins.module_utils.errors import FormatError
from ansible_collections.groupware.ha.plugins.module_utils.formats import corosync_conf
from ansible_collections.groupware.ha.plugins.module_utils.formats.corosync_conf import ConfiguredNode, Section

# What the package corosync 3.1.7 of Debian 12 brings, comments shortened.
PACKAGED = """# Please read the corosync.conf.5 manual page
system {
\t# This is required to use transport=knet in an unprivileged
\tallow_knet_handle_fallback: yes
}

totem {
\tversion: 2
\tcluster_name: debian
\tcrypto_cipher: none
}

logging {
\tlogger_subsys {
\t\tsubsys: QUORUM
\t\tdebug: off
\t}
}

nodelist {
\tnode {
\t\tname: node1
\t\tnodeid: 1
\t\tring0_addr: 127.0.0.1
\t}
\t# ...
}
"""

ADDRESSES = {"nodea": "192.0.2.11", "nodeb": "192.0.2.12", "nodec": "192.0.2.13"}


def make(addresses: dict[str, str], current: Section | None = None, **totem: str) -> Section:
    """A configuration of the cluster demo."""
    return corosync_conf.make("demo", addresses, {"token": "1000", **totem}, {}, current)


def test_the_packaged_file_is_recognised() -> None:
    found = corosync_conf.parse(PACKAGED)
    assert corosync_conf.is_packaged_default(found)
    assert corosync_conf.cluster_name(found) == "debian"
    assert corosync_conf.nodes(found) == (ConfiguredNode("node1", "127.0.0.1", 1),)
    assert found.section("logging").section("logger_subsys").settings == {"subsys": "QUORUM", "debug": "off"}


@pytest.mark.parametrize(
    ("text", "message"),
    [("totem {\n", "not closed"), ("}\n", "line 1: closes"), ("a: 1\nnonsense\n", "line 2: 'nonsense'")],
)
def test_what_corosync_would_not_accept_is_refused(text: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        corosync_conf.parse(text)


def test_a_new_cluster_numbers_its_nodes() -> None:
    configuration = make(ADDRESSES)
    assert [(node.name, node.node_id) for node in corosync_conf.nodes(configuration)] == [
        ("nodea", 1),
        ("nodeb", 2),
        ("nodec", 3),
    ]
    assert corosync_conf.config_version(configuration) == 1
    assert not corosync_conf.is_packaged_default(configuration)
    totem = configuration.section("totem").settings
    assert totem["crypto_cipher"] == "aes256"
    assert totem["crypto_hash"] == "sha256"
    assert totem["transport"] == "knet"


def test_nodes_keep_their_ids_whatever_comes_and_goes() -> None:
    first = make(ADDRESSES)
    without = make({name: ADDRESSES[name] for name in ("nodea", "nodec")}, first)
    grown = make({"nodec": "192.0.2.13", "noded": "192.0.2.14", "nodea": "192.0.2.11"}, without)
    assert {node.name: node.node_id for node in corosync_conf.nodes(grown)} == {"nodea": 1, "nodec": 3, "noded": 4}
    assert [corosync_conf.config_version(each) for each in (first, without, grown)] == [1, 2, 3]


def test_an_unchanged_description_leaves_the_version() -> None:
    first = make(ADDRESSES)
    assert corosync_conf.render(make(ADDRESSES, first)) == corosync_conf.render(first)


def test_two_nodes_have_their_quorum_rules_and_three_do_not() -> None:
    two = {name: ADDRESSES[name] for name in ("nodea", "nodeb")}
    assert make(two).section("quorum").settings == {
        "provider": "corosync_votequorum",
        "two_node": "1",
        "wait_for_all": "1",
    }
    assert make(ADDRESSES).section("quorum").settings == {"provider": "corosync_votequorum"}


def test_settings_of_the_user_win() -> None:
    configuration = corosync_conf.make("demo", ADDRESSES, {"consensus": "3000"}, {"wait_for_all": "1"}, None)
    assert configuration.section("totem").settings["consensus"] == "3000"
    assert configuration.section("quorum").settings["wait_for_all"] == "1"


def test_settings_that_need_a_restart_are_named() -> None:
    assert corosync_conf.needs_restart(make(ADDRESSES), make(ADDRESSES, consensus="2400")) == []
    assert corosync_conf.needs_restart(make(ADDRESSES), make(ADDRESSES, transport="udpu")) == ["totem.transport"]


WORDS = st.text(st.characters(codec="ascii", categories=["Ll", "Nd"]), min_size=1, max_size=8)
VALUES = st.text(st.characters(codec="ascii", categories=["Ll", "Nd", "Pd", "Po"]), min_size=1).map(
    lambda text: f"v{text}"
)
SECTIONS = st.recursive(
    st.builds(Section, WORDS, st.dictionaries(WORDS, VALUES, max_size=3)),
    lambda inner: st.builds(
        Section, WORDS, st.dictionaries(WORDS, VALUES, max_size=3), st.lists(inner, max_size=3).map(tuple)
    ),
    max_leaves=6,
)


@given(st.builds(Section, st.just(""), st.just({}), st.lists(SECTIONS, max_size=3).map(tuple)))
def test_what_is_written_is_read_again(configuration: Section) -> None:
    assert corosync_conf.parse(corosync_conf.render(configuration, "head\nof two lines")) == configuration


@given(
    st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), unique=True),
    st.dictionaries(st.sampled_from(["a", "b", "c", "x"]), st.integers(1, 20)).filter(
        lambda known: len(set(known.values())) == len(known)
    ),
)
def test_ids_are_kept_and_never_shared(names: list[str], known: dict[str, int]) -> None:
    ids = corosync_conf.assign_node_ids(names, known)
    assert list(ids) == names
    assert all(ids[name] == known[name] for name in names if name in known)
    others = {identifier for name, identifier in known.items() if name not in names}
    assert len({*ids.values(), *others}) == len(names) + len(others)


#: What corosync reads again when it reloads: ``totem_volatile_config_read``, ``totem_get_crypto`` and
#: ``votequorum_readconfig`` of 3.1.7; votequorum(5) says the same of quorum.
RELOADED = {
    "totem": """token token_coefficient token_retransmit token_warning token_retransmits_before_loss_const hold join
        send_join consensus merge downcheck fail_recv_const seqno_unchanged_const heartbeat_failures_allowed
        max_network_delay window_size max_messages miss_count_const knet_mtu knet_pmtud_interval knet_compression_model
        knet_compression_threshold knet_compression_level block_unlisted_ips cancel_token_hold_on_retransmit crypto_hash
        crypto_cipher secauth""".split(),
    "quorum": ["two_node", "expected_votes"],
}


@pytest.mark.parametrize(
    ("section", "key"),
    [(section, key) for section, keys in (("totem", TOTEM), ("quorum", QUORUM)) for key in keys],
)
def test_what_a_reload_does_not_apply_needs_a_restart(section: str, key: str) -> None:
    """Of all settings that can be given, added, changed and removed."""
    without, one, other = (Section(sections=(Section(section, given),)) for given in ({}, {key: "1"}, {key: "2"}))
    expected = [] if key in RELOADED[section] else [f"{section}.{key}"]

    for before, after in ((without, one), (one, other), (other, without)):
        assert corosync_conf.needs_restart(before, after) == expected
