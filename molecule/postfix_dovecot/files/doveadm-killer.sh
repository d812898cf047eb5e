#!/bin/sh
# Stands before doveadm, and has the node lose the run that asks for a reload.
case "$*" in
    *reload*) kill -KILL $PPID ;;
    *) exec /usr/bin/doveadm "$@" ;;
esac
