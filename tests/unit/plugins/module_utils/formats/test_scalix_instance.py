"""Scalix's files: instance.cfg, workers.conf, connector directories, shutdown ports."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.groupware.ha.plugins.module_utils.formats import scalix_connectors, scalix_tomcat
from ansible_collections.groupware.ha.plugins.module_utils.formats import scalix_instance as scalix
from ansible_collections.groupware.ha.plugins.module_utils.formats.scalix_connectors import NodeFiles
from ansible_collections.groupware.ha.plugins.module_utils.formats.scalix_instance import Instance, InstanceError

MAIL1, MAIL2 = Instance("mail1", "mail1.scalixdemo.com"), Instance("mail2", "mail2.scalixdemo.com")
ONE = "OMNAME=mail1\nOMHOSTNAME=mail1.scalixdemo.com\nOMDATADIR=/var/opt/scalix/m1/s\nOMAUTOSTART=TRUE\n"
TWO = "OMNAME=mail2\nOMHOSTNAME=mail2.scalixdemo.com\nOMDATADIR=/var/opt/scalix/m2/s\nOMAUTOSTART=TRUE\n"
#: TB-2007-02-HACLUSTER, "Registering all instances on all nodes".
BOTH = f"{ONE}#\n{TWO}".replace("TRUE", "FALSE")


def after(texts: dict[str, str | None], *instances: Instance, autostart: bool = False) -> dict[str, str]:
    blocks = scalix.registered(texts, instances)
    return {node: scalix.with_instances(text, blocks, autostart) for node, text in texts.items()}


# -- instances ---------------------------------------------------------------------------------------------------------


def test_directory_is_the_first_and_the_last_letter() -> None:
    found = {name: scalix.directory_of(name) for name in ("mail1", "m", "mx-1", "Zebra")}
    assert found == {"mail1": "m1", "m": "mm", "mx-1": "m1", "Zebra": "Za"}
    assert MAIL1.mount_point == "/var/opt/scalix/m1"
    assert MAIL1.data_directory == "/var/opt/scalix/m1/s"


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["mail1", "mobil1"], "as instance mail1 has"),
        (["mail1", "mail1"], "named twice"),
        (["mail.1"], "letters, digits"),
        ([""], "letters, digits"),
    ],
)
def test_instances_that_are_none(names: list[str], reason: str) -> None:
    with pytest.raises(InstanceError, match=reason):
        scalix.instances_of({"name": name, "host_name": f"{name}.test"} for name in names)


@pytest.mark.parametrize("host_name", ["", "mail1", "mail1."])
def test_host_names_that_the_installer_does_not_take(host_name: str) -> None:
    with pytest.raises(InstanceError, match=r"mail1: its host name '.*' is not fully qualified"):
        scalix.instances_of([{"name": "mail1", "host_name": host_name}])


# -- instance.cfg ------------------------------------------------------------------------------------------------------


def test_the_manuals_example() -> None:
    assert after({"nodea": ONE, "nodeb": TWO}, MAIL1, MAIL2) == {"nodea": BOTH, "nodeb": BOTH}
    assert after({"nodea": BOTH, "nodeb": BOTH}, MAIL1, MAIL2) == {"nodea": BOTH, "nodeb": BOTH}


def test_a_node_that_has_none_and_one_that_has_them_the_other_way_round() -> None:
    turned = f"{TWO}#\n{ONE}"
    found = after({"nodea": None, "nodeb": turned, "nodec": BOTH}, MAIL1, MAIL2)
    assert set(found.values()) == {turned.replace("TRUE", "FALSE")}


def test_the_order_does_not_depend_on_which_node_comes_first() -> None:
    assert set(after({"nodeb": TWO, "nodea": ONE}, MAIL1, MAIL2).values()) == {BOTH}
    # A node that lost an instance does not turn the others round.
    assert set(after({"nodeb": TWO, "nodea": BOTH}, MAIL1, MAIL2).values()) == {BOTH}


def test_comments_of_all_nodes_are_kept() -> None:
    nodea = ONE.replace("OMHOST", "# a host\nOMHOST")
    nodeb = f"# above, on nodeb\r\n{ONE}# below, on nodeb"
    found = after({"nodea": nodea, "nodeb": nodeb}, MAIL1)
    assert set(found.values()) == {
        f"# above, on nodeb\n{nodea}# below, on nodeb\n".replace("TRUE", "FALSE"),
    }
    assert after(dict(found), MAIL1) == found


def test_a_comment_above_an_instance_is_not_taken_for_the_one_before() -> None:
    nodea = f"{ONE}#\n# the second\n{TWO}"
    found = after({"nodea": nodea, "nodeb": ONE + TWO}, MAIL1, MAIL2)
    assert set(found.values()) == {nodea.replace("TRUE", "FALSE")}
    assert after(dict(found), MAIL1, MAIL2) == found


@pytest.mark.parametrize("head", ["#\n# Instances of this node\n#\n", "# Instances\n#\n", "#\n"])
def test_other_instances_and_the_head_keep_their_places(head: str) -> None:
    other = "OMNAME=local\nOMAUTOSTART=TRUE\n"
    found = after({"nodea": f"{head}{TWO}#\n{other}", "nodeb": ONE}, MAIL1, MAIL2)["nodea"]
    assert found == f"{head}{ONE}#\n{other}#\n{TWO}".replace("TRUE", "FALSE").replace(
        other.replace("TRUE", "FALSE"), other
    )


@pytest.mark.parametrize("end", ["#", "#\n"])
def test_a_line_that_divides_from_nothing_is_used(end: str) -> None:
    assert after({"nodea": ONE + end, "nodeb": TWO}, MAIL1, MAIL2)["nodea"] == BOTH


def test_unknown_keys_comments_and_other_instances_stay() -> None:
    nodea = f"# made by hand\n{ONE}OMSPECIAL = a b\n#\nOMNAME=local\nOMAUTOSTART=TRUE\n"
    found = after({"nodea": nodea, "nodeb": ONE + "OMOTHER=1"}, MAIL1)
    block = ONE.replace("TRUE", "FALSE") + "OMSPECIAL = a b\nOMOTHER=1\n"
    assert found["nodea"] == f"# made by hand\n{block}#\nOMNAME=local\nOMAUTOSTART=TRUE\n"
    assert found["nodeb"] == f"# made by hand\n{block}"
    assert after(dict(found), MAIL1) == found


def test_blocks_without_a_line_between_them() -> None:
    assert after({"nodea": ONE + TWO}, MAIL1, MAIL2)["nodea"] == (ONE + TWO).replace("TRUE", "FALSE")


def test_a_last_line_without_an_end_is_no_change() -> None:
    assert after({"nodea": BOTH.rstrip("\n")}, MAIL1, MAIL2)["nodea"] == BOTH.rstrip("\n")


def test_autostart_is_made_where_it_is_missing() -> None:
    short = ONE.replace("OMAUTOSTART=TRUE\n", "# the end\n")
    assert after({"nodea": short}, MAIL1)["nodea"] == ONE.replace("TRUE\n", "FALSE\n# the end\n")
    assert after({"nodea": short}, MAIL1, autostart=True)["nodea"] == f"{ONE}# the end\n"


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        (
            {"nodea": ONE.replace(".scalixdemo.com", ".scalix.demo")},
            "nodea: instance mail1 has OMHOSTNAME=mail1.scalix.d",
        ),
        ({"nodea": ONE.replace("m1/s", "m2/s")}, "OMDATADIR=/var/opt/scalix/m2/s, but by the description"),
        ({"nodea": ONE + "X=1\n", "nodeb": ONE + "X=2\n"}, "X is 1 in instance.cfg of node nodea, and 2 on node nodeb"),
        ({"nodea": ONE, "nodeb": ONE + ONE}, "instance.cfg of node nodeb: instance mail1: is there twice"),
        ({"nodea": ONE + "OMDATADIR=/x\n"}, "has OMDATADIR twice"),
        ({"nodea": "OMNAME=\n"}, "empty OMNAME"),
    ],
)
def test_what_nodes_and_description_do_not_agree_on(texts: dict[str, str | None], reason: str) -> None:
    with pytest.raises(InstanceError, match=reason):
        scalix.registered(texts, [MAIL1, MAIL2])


lines = st.one_of(
    st.sampled_from(
        ["#", "# ", "", "# a comment", "OMSPECIAL=x", "OMAUTOSTART=TRUE", " OMAUTOSTART = FALSE", "rubbish"]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=12),
    st.sampled_from(["mail1", "mail2", "other"]).map("OMNAME={}".format),
)
texts = st.builds(
    lambda found, end: "\n".join(found) + end, st.lists(lines, max_size=12), st.sampled_from(["", "\n", "\r\n"])
)


@given(texts)
def test_parsed_and_rendered_it_is_the_same(text: str) -> None:
    try:
        blocks = scalix.parse(text)
    except InstanceError:
        return
    assert scalix.render(blocks) == text


@given(st.lists(texts, min_size=1, max_size=3), st.booleans())
def test_whatever_is_there_the_second_run_changes_nothing(found: list[str], autostart: bool) -> None:
    texts: dict[str, str | None] = {f"node{number}": text for number, text in enumerate(found)}
    try:
        first = after(texts, MAIL1, MAIL2, autostart=autostart)
    except InstanceError:
        return
    assert after(dict(first), MAIL1, MAIL2, autostart=autostart) == first
    names = [
        [block.name for block in scalix.parse(text) if block.name in ("mail1", "mail2")] for text in first.values()
    ]
    assert all(one == names[0] for one in names)
    told = {
        block.settings["OMAUTOSTART"] for block in scalix.parse(next(iter(first.values()))) if block.name in names[0]
    }
    assert told <= {"TRUE" if autostart else "FALSE"}


@given(st.lists(texts, min_size=1, max_size=3))
def test_no_comment_of_any_node_is_lost(found: list[str]) -> None:
    texts: dict[str, str | None] = {f"node{number}": text for number, text in enumerate(found)}
    try:
        before = {
            line.strip()
            for text in found
            for block in scalix.parse(text)
            if block.name in ("mail1", "mail2")
            for line in block.lines
            if line.lstrip().startswith("#")
        }
        first = after(texts, MAIL1, MAIL2)
    except InstanceError:
        return
    for text in first.values():
        assert before <= {line.strip() for line in text.split("\n")}


@given(texts)
def test_other_instances_keep_every_line(text: str) -> None:
    try:
        first = after({"nodea": text}, MAIL1)["nodea"]
        before = {block.name: block.lines for block in scalix.parse(text) if block.name not in (None, "mail1")}
    except InstanceError:
        return
    assert before.items() <= {block.name: block.lines for block in scalix.parse(first)}.items()


# -- workers.conf ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, "JkWorkerProperty worker.list=mail1,mail2\n"),
        ("JkWorkerProperty worker.list=mail1\n", "JkWorkerProperty worker.list=mail1,mail2\n"),
        ("JkWorkerProperty worker.list=mail2,mail1\n", "JkWorkerProperty worker.list=mail1,mail2\n"),
        ("# x\njkworkerproperty  worker.list = old", "# x\njkworkerproperty  worker.list =old,mail1,mail2"),
        ("JkWorkerProperty worker.list=mail1,mail2\nx\n", "JkWorkerProperty worker.list=mail1,mail2\nx\n"),
        (
            "JkWorkerProperty worker.list=mail2\nJkWorkerProperty worker.list=a\n",
            "JkWorkerProperty worker.list=mail2\nJkWorkerProperty worker.list=a,mail1\n",
        ),
        (
            "#JkWorkerProperty worker.list=x",
            "#JkWorkerProperty worker.list=x\nJkWorkerProperty worker.list=mail1,mail2\n",
        ),
    ],
)
def test_workers(text: str | None, expected: str) -> None:
    names = ["mail1", "mail2"]
    assert scalix_connectors.with_workers(text, names, names) == expected
    assert scalix_connectors.with_workers(expected, names, names) == expected


def test_workers_of_a_run_on_a_part_of_the_nodes() -> None:
    text = "JkWorkerProperty worker.list=mail1,mail2\n"
    assert scalix_connectors.with_workers(text, ["mail1", "mail2"], ["mail2"]) == text


workers = st.lists(
    st.one_of(
        st.text(string.printable, max_size=10),
        st.lists(st.sampled_from(["mail1", "mail2", "x"]), max_size=4).map(
            lambda names: "JkWorkerProperty worker.list=" + ",".join(names)
        ),
    ),
    max_size=5,
).map("\n".join)


@given(workers)
def test_workers_are_added_once(text: str) -> None:
    first = scalix_connectors.with_workers(text, ["mail1", "mail2"], ["mail1", "mail2"])
    assert scalix_connectors.with_workers(first, ["mail1", "mail2"], ["mail1", "mail2"]) == first


# -- connector directories ---------------------------------------------------------------------------------------------


def of_instance(name: str, *applications: str, text: str = "x\n") -> dict[str, str]:
    files = [f"instance-{name}.conf", *(f"app-{name}.{application}.conf" for application in applications)]
    return {f"{directory}/{file}": text for directory in ("ajp", "jk") for file in files}


def connectors_after(nodes: dict[str, NodeFiles]) -> dict[str, dict[str, str]]:
    found = {}
    for node, files in nodes.items():
        wanted = scalix_connectors.wanted_connectors(nodes, node, [MAIL1, MAIL2])
        found[node] = {path: text for path, text in {**files.connectors, **wanted}.items() if text is not None}
    return found


def test_connectors_become_the_same_everywhere() -> None:
    """The manual's listing, with the files of the rules wizard that it leaves out."""
    nodes = {
        "nodea": NodeFiles(of_instance("mail1", "caa", "sac", "webmail"), ["mail1"], "wizard\n"),
        "nodeb": NodeFiles(of_instance("mail2", "webmail"), ["mail2"], "wizard\n"),
    }
    found = connectors_after(nodes)
    assert found["nodea"] == found["nodeb"]
    assert found["nodea"]["jk/app-mail2.srw.conf"] == found["nodea"]["ajp/app-mail1.srw.conf"] == "wizard\n"
    assert found["nodea"]["jk/workers.conf"] == "JkWorkerProperty worker.list=mail1,mail2\n"
    assert "jk/app-mail2.sac.conf" not in found["nodea"]
    assert "ajp/workers.conf" not in found["nodea"]
    again = {node: NodeFiles(files, nodes[node].mounted, "wizard 2\n") for node, files in found.items()}
    assert connectors_after(again) == found


def test_the_node_with_the_volume_knows_best() -> None:
    foreign = {"ajp/app-x.sac.conf": "foreign\n", "ajp/README": "kept\n"}
    old = {**of_instance("mail2", "webmail", "sac", text="old\n"), **foreign}
    nodes = {"nodea": NodeFiles(old), "nodeb": NodeFiles(of_instance("mail2", "webmail", text="new\n"), ["mail2"])}
    found = connectors_after(nodes)["nodea"]
    assert found["ajp/app-mail2.webmail.conf"] == "new\n"
    assert "ajp/app-mail2.sac.conf" not in found
    assert found.items() >= foreign.items()


def test_without_the_node_that_has_the_volume_nothing_is_removed_or_replaced() -> None:
    old = of_instance("mail2", "webmail", "sac", text="old\n")
    nodes = {"nodea": NodeFiles(old), "nodeb": NodeFiles(of_instance("mail2", "webmail", text="new\n"))}
    found = connectors_after(nodes)
    assert found["nodea"].items() >= old.items()
    assert found["nodeb"]["ajp/app-mail2.webmail.conf"] == "new\n"
    assert found["nodeb"]["ajp/app-mail2.sac.conf"] == "old\n"


def test_web_applications() -> None:
    paths = [*of_instance("mail1", "caa", "srw"), *of_instance("mail11", "sac"), "jk/workers.conf"]
    assert scalix_connectors.web_applications(paths, "mail1") == ["caa"]
    assert [scalix_connectors.instance_of_connector(path) for path in ("jk/workers.conf", "ajp/instance-a-b.conf")] == [
        None,
        "a-b",
    ]


# -- Tomcat ------------------------------------------------------------------------------------------------------------


def test_ports_of_the_manual() -> None:
    assert scalix_tomcat.shutdown_ports(["mail1", "mail2"], {"mail1": 8005, "mail2": 8005}) == {
        "mail1": 8005,
        "mail2": 8006,
    }


@pytest.mark.parametrize(
    ("current", "given_ports", "expected"),
    [
        ({}, {}, [8005, 8006, 8007]),
        ({"b": 8005}, {}, [8006, 8005, 8007]),
        ({"a": 9000, "b": 9000, "c": 8006}, {}, [9000, 8007, 8006]),
        ({"a": 8005, "b": 8006}, {"c": 8005}, [8007, 8006, 8005]),
        ({"c": None}, {"a": 8007}, [8007, 8006, 8008]),
    ],
)
def test_ports_are_kept_and_each_is_another(
    current: dict[str, int | None], given_ports: dict[str, int], expected: list[int]
) -> None:
    assert list(scalix_tomcat.shutdown_ports(["a", "b", "c"], current, given_ports).values()) == expected


@pytest.mark.parametrize(
    ("given_ports", "reason"), [({"a": 1, "b": 1}, "another instance's"), ({"a": 0}, "no port"), ({"x": 1}, "no such")]
)
def test_ports_that_cannot_be(given_ports: dict[str, int], reason: str) -> None:
    with pytest.raises(InstanceError, match=reason):
        scalix_tomcat.shutdown_ports(["a", "b"], {}, given_ports)


names = st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1)


@given(names, st.dictionaries(st.sampled_from("abcdefgh"), st.one_of(st.none(), st.integers(8000, 8015))))
def test_ports_are_stable(instances: list[str], current: dict[str, int | None]) -> None:
    first = scalix_tomcat.shutdown_ports(instances, current)
    assert len(set(first.values())) == len(instances)
    assert scalix_tomcat.shutdown_ports(instances, first) == first
    seen = [current[name] for name in instances if current.get(name) is not None]
    for name in instances:
        if seen.count(current.get(name)) == 1:
            assert first[name] == current[name]


@given(names)
def test_ports_are_none_that_tomcats_listen_on(instances: list[str]) -> None:
    assert not scalix_tomcat.TOMCAT_PORTS & set(scalix_tomcat.shutdown_ports(instances, {}).values())


def test_shutdown_port_of_a_server() -> None:
    server = '<?xml version="1.0"?>\n<Server port="8006" shutdown="SHUTDOWN"><Service/></Server>'

    assert scalix_tomcat.shutdown_port(server) == 8006
    for bad in ("", "<Server/>", '<Service port="1"/>', "<Server port='x'/>"):
        with pytest.raises(InstanceError):
            scalix_tomcat.shutdown_port(bad)


@pytest.mark.parametrize(
    ("text", "names_it"),
    [
        ("host=mail1.test", True),
        ("url = http://MAIL1.test:8080/caa", True),
        ("# host=mail1.test\nhost=mail2.test", False),
        ("host=webmail1.test\nother=mail1.test.example", False),
        ("mail1.test=no", False),
    ],
)
def test_host_names_in_properties(text: str, names_it: bool) -> None:
    assert scalix_tomcat.names_host(text, "mail1.test") is names_it
