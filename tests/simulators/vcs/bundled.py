"""The bundled resource types, as types.cf defines them, and what their agents want to be told."""

from __future__ import annotations

from collections.abc import Mapping

from .common import MARKS

BUNDLED_AGENTS_41 = "Cluster Server 4.1 Bundled Agents Reference Guide"
BUNDLED_AGENTS_51 = "Bundled Agents Reference Guide 5.1 for Linux"

#: Of the attributes that releases and platforms differ in, those of Linux.
TYPES_CF = """\
type Application (
	static keylist SupportedActions = { "program.vfd", "user.vfd", "cksum.vfd", getcksum }
	static str ArgList[] = { User, StartProgram, StopProgram, CleanProgram, MonitorProgram, PidFiles, MonitorProcesses }
	str User = root
	str StartProgram
	str StopProgram
	str CleanProgram
	str MonitorProgram
	str PidFiles[]
	str MonitorProcesses[]
)

type DiskGroup (
	static keylist SupportedActions = { "license.vfd", "disk.vfd", numdisks }
	static int NumThreads = 1
	static int OnlineRetryLimit = 1
	static str ArgList[] = { DiskGroup, StartVolumes, StopVolumes, MonitorOnly, MonitorReservation,
			tempUseFence, PanicSystemOnDGLoss }
	str DiskGroup
	str StartVolumes = 1
	str StopVolumes = 1
	boolean MonitorReservation = 0
	temp str tempUseFence = INVALID
	boolean PanicSystemOnDGLoss = 1
)

type IP (
	static keylist SupportedActions = { "device.vfd", "route.vfd" }
	static str ArgList[] = { Device, Address, NetMask, Options }
	str Device
	str Address
	str NetMask
	str Options
)

type Mount (
	static keylist SupportedActions = { "mountpoint.vfd", "mounted.vfd", "vxfslic.vfd", "chgmntlock", "mountentry.vfd" }
	static str ArgList[] = { MountPoint, BlockDevice, FSType, MountOpt, FsckOpt, SnapUmount, CkptUmount,
			SecondLevelMonitor, SecondLevelTimeout }
	str MountPoint
	str BlockDevice
	str FSType
	str MountOpt
	str FsckOpt
	int SnapUmount = 0
	int CkptUmount = 1
	boolean SecondLevelMonitor = 0
	int SecondLevelTimeout = 30
)

type NIC (
	static keylist SupportedActions = { "device.vfd" }
	static int OfflineMonitorInterval = 60
	static str Operations = None
	static str ArgList[] = { Device, PingOptimize, NetworkHosts, Mii }
	str Device
	int PingOptimize = 1
	str NetworkHosts[]
	int Mii = 1
)

type Process (
	static keylist SupportedActions = { "program.vfd", getcksum }
	static str ArgList[] = { PathName, Arguments }
	str PathName
	str Arguments
)

type Volume (
	static int NumThreads = 1
	static str ArgList[] = { Volume, DiskGroup }
	str Volume
	str DiskGroup
)
"""

#: Attributes without which an agent cannot tell the state of its resource.
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "Application": ("StartProgram", "StopProgram"),
    "DiskGroup": ("DiskGroup",),
    "IP": ("Device", "Address"),
    "Mount": ("MountPoint", "BlockDevice", "FSType"),
    "MsgSrv": ("LogHostName",),
    "NIC": ("Device",),
    "Process": ("PathName",),
    "Volume": ("Volume", "DiskGroup"),
}

BUNDLED = ("Application", "DiskGroup", "IP", "Mount", "NIC", "Process", "Volume")


@MARKS.documented(
    "had", "DiskGroup and Mount have these attributes and defaults, DiskGroup OnlineRetryLimit 1", BUNDLED_AGENTS_41
)
@MARKS.documented(
    "had", "NIC has these attributes and defaults, and cannot be brought online or taken offline", BUNDLED_AGENTS_51
)
@MARKS.assumed("had", "the attributes of Application, IP, Process and Volume are complete; SupportedActions")
def types_cf() -> str:
    """The file types.cf of a new installation."""
    return TYPES_CF


@MARKS.documented(
    "had", "required: Mount wants FsckOpt with -y or -n, Application a way to monitor it", BUNDLED_AGENTS_41
)
@MARKS.documented(
    "had",
    "required: MsgSrv wants LogHostName",
    "Messaging Server System Administrator's Guide, Configuring for High Availability",
)
@MARKS.assumed("had", "a resource that lacks a required attribute stays unprobed; NFS mounts need no FsckOpt")
def configured(resource_type: str, values: Mapping[str, object]) -> bool:
    """Whether an agent can tell the state of a resource with these attribute values."""
    if any(name in values and not values[name] for name in REQUIRED.get(resource_type, ())):
        return False
    if resource_type == "Application":
        return any(values[name] for name in ("MonitorProgram", "PidFiles", "MonitorProcesses"))
    if resource_type == "Mount" and values["FSType"] != "nfs":
        return str(values["FsckOpt"]) != "" and any(option in str(values["FsckOpt"]) for option in ("-y", "-n"))
    return True
