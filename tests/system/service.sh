#!/usr/bin/env bash
# The life of the service under a real systemd user manager, in namespaces of its own: nothing of this machine is
# touched. Called by service_test.cc, as root, in `unshare --mount --pid --fork`:
#   service.sh SPECD HOME PROJECT
# Says what it sees, one line each.
set -u
specd=$1 home=$2 project=$3

mount --make-rprivate / && mount -t tmpfs tmpfs /run || exit 77
mkdir -p /run/systemd/system /run/user/0 && chmod 700 /run/user/0
export HOME=$home XDG_RUNTIME_DIR=/run/user/0 DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/0/bus
unset XDG_CONFIG_HOME XDG_STATE_HOME XDG_DATA_HOME

/lib/systemd/systemd --user --log-target=console >"$home/systemd.log" 2>&1 &
manager=$!
for ((i = 0; i < 200; i++)); do
  [[ $(systemctl --user is-system-running 2>/dev/null) == running ]] && break
  read -rt 0.05 <> <(:) || true
done
[[ $(systemctl --user is-system-running 2>/dev/null) == running ]] || { cat "$home/systemd.log"; exit 77; }

# What the manager says of a property.
show() { systemctl --user show specd.service --property="$1" --value; }
address() { sed -n 's/.*"url": *"\([^"]*\)".*/\1/p' /run/user/0/specd/daemon.json; }
# Waits until a command succeeds.
until_true() {
  for ((i = 0; i < 200; i++)); do
    "$@" && return 0
    read -rt 0.05 <> <(:) || true
  done
  return 1
}

# A port of its own, as a user would say it.
mkdir -p "$home/.config/specd"
echo "listen: 127.0.0.1:0" >"$home/.config/specd/config.yaml"

"$specd" service install | head -1
echo "installed: $? $(show ActiveState) $(show SubState) enabled=$(systemctl --user is-enabled specd.service)"
echo "verified: $(systemd-analyze --user verify "$home/.config/systemd/user/specd.service" 2>&1 | wc -l) complaints"
echo "status: $("$specd" service status >"$home/status.txt"; echo $?) $(grep -c 'Status: "serving http://127.0.0.1:' "$home/status.txt")"

# A project, and an edit that arrives under the unit's restrictions.
curl --noproxy '*' -s -o /dev/null -X POST -H 'Content-Type: application/json' \
  --oauth2-bearer "$(cat "$home/.local/state/specd/token")" \
  -d "{\"root\": \"$project\"}" "$(address)api/v1/projects"
echo '- [x] done' >"$project/openspec/changes/x/tasks.md"
until_true sh -c "'$specd' list | grep -q '1/1'" && echo "an edit arrived"

# Killed, it is back by itself, with its project; told to reload, it stays the same process.
before=$(show MainPID)
kill -KILL "$before"
until_true sh -c "[ \"\$(systemctl --user show specd.service -p MainPID --value)\" != $before ] && '$specd' list 2>/dev/null | grep -q '1/1'" &&
  echo "it is back after kill -9"
before=$(show MainPID)
mkdir -p "$home/more/openspec/changes/of-more"
echo "projects: [$home/more]" >>"$home/.config/specd/config.yaml"
systemctl --user reload specd.service
until_true sh -c "'$specd' list 2>/dev/null | grep -q of-more" && [[ $(show MainPID) == "$before" ]] && echo "it reloaded"

"$specd" service stop; echo "stopped: $? $(show ActiveState) $(show Result)"
"$specd" service start; echo "started: $? $(show ActiveState)"
"$specd" service uninstall
echo "uninstalled: $? $(show LoadState) $(ls "$home/.config/systemd/user" | wc -l) left"

# A configuration that is wrong is told once, and not tried again and again.
echo "lisen: 1" >"$home/.config/specd/config.yaml"
"$specd" service install >/dev/null 2>&1
echo "wrong config: $? restarts=$(show NRestarts) exit=$(show ExecMainStatus)"
"$specd" service uninstall >/dev/null

systemctl --user exit
wait $manager
