#!/bin/sh
# Start or stop an instance by the resource agents, as the cluster does: instance.sh NAME start|stop|monitor
export OCF_ROOT=/usr/lib/ocf OCF_RESOURCE_INSTANCE="$1"
base=/srv/$1

run_dovecot() {
    OCF_RESKEY_config_file=$base/dovecot/dovecot.conf \
        OCF_RESKEY_binary="/usr/sbin/dovecot -c $base/dovecot/dovecot.conf" \
        OCF_RESKEY_pid_file=/run/dovecot/$name/master.pid \
        /usr/lib/ocf/resource.d/heartbeat/dovecot "$1"
}

run_postfix() {
    OCF_RESKEY_config_dir=$base/postfix/etc /usr/lib/ocf/resource.d/heartbeat/postfix "$1"
}

name=$1
case $2 in
    stop) run_postfix stop && run_dovecot stop ;;
    *) run_dovecot "$2" && run_postfix "$2" ;;
esac
