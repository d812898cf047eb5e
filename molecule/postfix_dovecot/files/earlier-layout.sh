#!/bin/sh
# Gives a volume the layout of an earlier version, and a file of the user's own: earlier-layout.sh MOUNT_POINT
set -e
cd "$1"
for name in postfix/etc tls dovecot/dovecot.conf dovecot/users; do
    cp --archive --dereference "$name" "$name.real"
    rm "$name"
    mv "$name.real" "$name"
done
rm -r configuration
echo 'mine' >postfix/etc/mine
chmod 0600 postfix/etc/mine
