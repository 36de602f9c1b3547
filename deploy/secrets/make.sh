#!/bin/sh
# Make the secrets that docker-compose.yml mounts. Those that exist are kept: with another viewer
# key, every viewer who comes back would be a stranger.
#
# The folder is for its owner alone (0700). The files in it can be read by anyone who gets to them
# (0444): the users inside the containers are not this one, and see only what is mounted.
set -eu

cd "$(dirname "$0")"
chmod 0700 .
umask 0277
make() { # make FILE: from standard input, whole or not at all.
    [ -e "$1" ] && return
    cat > "$1.draft"
    chmod 0444 "$1.draft"
    mv "$1.draft" "$1"
    echo "Made deploy/secrets/$1"
}
head -c 32 /dev/urandom | make viewer.key
head -c 24 /dev/urandom | base64 | tr -d '\n' | make grafana_admin_password
# What Alertmanager shows the pager.
head -c 24 /dev/urandom | base64 | tr -d '\n' | make pager_token
# Whom the pager tells: nobody, until you put the address of your webhook here.
echo http://127.0.0.1:9/nobody-is-told | make pager_webhook_url
