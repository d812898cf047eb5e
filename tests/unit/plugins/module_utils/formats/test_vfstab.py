"""vfstab: what the manuals of Sun Cluster print, put right, and everything else in the file as it was."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.groupware.ha.plugins.module_utils.errors import FormatError
from ansible_collections.groupware.ha.plugins.module_utils.formats import vfstab
from ansible_collections.groupware.ha.plugins.module_utils.formats.vfstab import FileSystem

# As Solaris installs it, with what Sun Cluster adds for the node itself; blanks as the installers leave them.
INSTALLED = """#device\t\tdevice\t\tmount\t\tFS\tfsck\tmount\tmount
#to mount\tto fsck\t\tpoint\t\ttype\tpass\tat boot\toptions
#
fd\t-\t/dev/fd\tfd\t-\tno\t-
/proc\t-\t/proc\tproc\t-\tno\t-
/dev/dsk/c0t0d0s1\t-\t-\tswap\t-\tno\t-
/dev/dsk/c0t0d0s0   /dev/rdsk/c0t0d0s0   /   ufs   1   no   -
/dev/did/dsk/d3s3 /dev/did/rdsk/d3s3 /global/.devices/node@1 ufs 2 no global
"""
# Calendar Server 6.3 Administration Guide, 6.6.1.
CLUSTER_LINE = "/dev/md/penguin/dsk/d400 /dev/md/penguin/rdsk/d400 /cal ufs 2 yes global,logging\n"
FAILOVER_LINE = "/dev/md/penguin/dsk/d400 /dev/md/penguin/rdsk/d400 /cal ufs 2 no logging\n"
CAL = {
    "mount_point": "/cal",
    "device": "/dev/md/penguin/dsk/d400",
    "fsck_pass": "2",
    "options": ["logging"],
    "kind": "failover",
}


def test_an_entry_is_written_with_tabs_and_the_rest_is_kept() -> None:
    text = vfstab.edit(INSTALLED, [vfstab.file_system(CAL)])

    assert text == INSTALLED + FAILOVER_LINE.replace(" ", "\t")


@pytest.mark.parametrize(("kind", "line"), [("failover", FAILOVER_LINE), ("global", CLUSTER_LINE)])
def test_what_the_manual_prints_is_what_its_kind_means(kind: str, line: str) -> None:
    text = INSTALLED + line

    assert vfstab.edit(text, [vfstab.file_system({**CAL, "kind": kind})]) == text


def test_options_are_a_set() -> None:
    other = CLUSTER_LINE.replace("global,logging", "logging,global")

    assert (
        vfstab.edit(other, [vfstab.file_system({**CAL, "kind": "global", "options": ["global", "logging"]})]) == other
    )


def test_a_global_file_system_becomes_a_failover_one_in_its_place() -> None:
    text = CLUSTER_LINE + "# the end"

    assert vfstab.edit(text, [vfstab.file_system(CAL)]) == FAILOVER_LINE.replace(" ", "\t") + "# the end"


def test_a_last_line_without_an_end_gets_one() -> None:
    assert vfstab.edit("# nothing", [vfstab.file_system(CAL)]).startswith("# nothing\n/dev/md")


def test_an_entry_is_removed() -> None:
    assert vfstab.edit(INSTALLED + FAILOVER_LINE, [], ["/cal", "/other"]) == INSTALLED


@pytest.mark.parametrize(
    ("change", "words"),
    [
        # 6.7.1 prints failover file systems that are mounted at boot ...
        ({"mount_at_boot": True}, "which destroys it"),
        ({"kind": "local", "options": ["global"]}, "make it global"),
        ({"options": ["logging", "global"]}, "make it global"),
        ({"kind": "global", "mount_at_boot": False}, "make it failover"),
        # ... and the raw device of another one for d600 and d700.
        ({"device": "/dev/md/polarbear/dsk/d600", "fsck_device": "/dev/md/polarbear/rdsk/d300"}, "rdsk/d600"),
        ({"kind": "shared"}, "not one of failover, global, local"),
        ({"mount_point": "cal"}, "absolute path"),
        ({"mount_point": "/cal/"}, "absolute path"),
        ({"mount_point": "/ca l"}, "blanks"),
        ({"options": ["a,b"]}, "commas"),
        ({"device": "#dev"}, "comment"),
        ({"device": ""}, "device is empty"),
        ({"device": "-"}, "cannot be in a field"),
        ({"fsck_pass": "two"}, "not a number"),
    ],
)
def test_contradictions_are_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(FormatError, match=words):
        vfstab.file_system({**CAL, **change})


def test_what_is_not_clear_is_refused() -> None:
    cal = vfstab.file_system(CAL)
    with pytest.raises(FormatError, match=r"in lines 1 and 2"):
        vfstab.edit(FAILOVER_LINE + CLUSTER_LINE, [cal])
    with pytest.raises(FormatError, match=r"at /old and at /cal"):
        vfstab.edit(FAILOVER_LINE.replace("/cal", "/old"), [cal])
    with pytest.raises(FormatError, match="given twice"):
        vfstab.edit("", [cal], ["/cal"])


@pytest.mark.parametrize(
    "line",
    [
        "/dev/md/penguin/dsk/d400 /dev/md/penguin/rdsk/d400 /cal ufs 2 yes global, logging",
        "/dev/md/penguin/dsk/d400 /dev/md/penguin/rdsk/d400 /cal ufs 2 maybe logging",
        # 6.7.1 prints entries over two lines.
        "/dev/md/penguin/dsk/d400  /dev/md/penguin/rdsk/d400",
        "    /cal  ufs  2  yes  logging",
    ],
)
def test_lines_that_are_no_entries_are_not_passed_over(line: str) -> None:
    text = f"# {line}\n{line}\n"

    with pytest.raises(FormatError, match=r"line 2 names .* seven fields"):
        vfstab.edit(text, [vfstab.file_system(CAL)])
    assert vfstab.edit(text, []) == text


def test_nodes_are_compared() -> None:
    one = vfstab.shared_lines(INSTALLED + CLUSTER_LINE, ["/cal"])
    same = vfstab.shared_lines(CLUSTER_LINE.replace("global,logging", "logging,global"), [])
    other = vfstab.shared_lines(FAILOVER_LINE, ["/cal"])

    assert one == same
    assert vfstab.differences({"node1": one, "node2": same}) == []
    assert vfstab.differences({"node1": one, "node2": other}) == [
        "on node2 but not on node1: " + other[0],
        "on node1 but not on node2: " + one[0],
    ]


words = st.text("abcdefgxyz0123456789_.@=", min_size=1, max_size=8)
paths = st.lists(words, min_size=1, max_size=3).map(lambda parts: "/" + "/".join(parts))
entries = st.builds(
    FileSystem,
    device=paths,
    fsck_device=st.just("") | paths,
    mount_point=paths,
    filesystem=words,
    fsck_pass=st.sampled_from(["", "1", "2"]),
    mount_at_boot=st.booleans(),
    options=st.lists(words, max_size=3, unique=True).map(tuple),
)
junk = st.text(
    st.characters(blacklist_characters="\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029", codec="utf-8"), max_size=40
)


@given(entries)
def test_what_is_written_is_what_is_read(entry: FileSystem) -> None:
    assert vfstab.parse_vfstab(entry.line() + "\n") == [entry]


@given(st.lists(junk | entries.map(FileSystem.line), max_size=6), entries)
def test_other_lines_stay_and_a_second_run_changes_nothing(lines: list[str], entry: FileSystem) -> None:
    text = "".join(f"{line}\n" for line in lines)
    others = [
        one for one in vfstab.parse_vfstab(text) if one.mount_point == entry.mount_point or one.device == entry.device
    ]
    assume(not others)

    edited = vfstab.edit(text, [entry])

    assert edited == f"{text}{entry.line()}\n"
    assert vfstab.edit(edited, [entry]) == edited
    assert vfstab.edit(edited, [], [entry.mount_point]) == text


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    vfstab.parse_vfstab(text)
    assert vfstab.edit(text, []) == text
