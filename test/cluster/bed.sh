#!/usr/bin/env bash
# A test bed: several hosts on one machine. Each is a network namespace with an address, a host name, a process table and an
# sshd (key login as root, port 2222) of its own; all see the same files. Needs root and the packages iproute2, iptables,
# openssh-server, for `delay` python3, for `clock` faketime. Addresses: RFC 2544 (198.18.0.0/15 is for tests).
#
#   bed.sh up N              make hosts node1..nodeN; what an earlier run left in this slot is removed first
#   bed.sh down              end all their processes and remove everything
#   bed.sh sweep             remove the beds whose owner lives no more
#   bed.sh pids I            the processes of host I, as this machine numbers them
#   bed.sh cut I | heal I    pull its cable: packets vanish, no FIN arrives
#   bed.sh crash I | boot I  power loss: cable and all processes at once; and up again
#   bed.sh loss I PERCENT    lose packets at random, both ways (0: none)
#   bed.sh rate I RATE       a slow line, both ways, e.g. 10mbit (0: as fast as it goes)
#   bed.sh delay I MS        every packet so much later, each way (0: not)
#   bed.sh share I PERCENT   a slow processor of its own: so much of one core, whatever the others do (0: as much as there is)
#   bed.sh block-port I      a firewall: the host may not open connections to the driver (open-port I: it may again)
#   bed.sh part I J     a firewall between two hosts: neither may open connections to the other (join I J: they may again)
#   bed.sh no-forwarding I   its sshd forwards nothing (forwarding I: it does again)
#   bed.sh fill-disk I       nothing more can be written in /tmp, /var/tmp, home and /dev/shm (empty-disk I: it can again)
#   bed.sh files I CMD…      run a command that sees the files as host I does, e.g. to mount something
#   bed.sh clock I           prints the path of a Node whose clock is an hour ahead
#   bed.sh address I         prints its address; I = 254 is the driver's
#
# Beds stand beside each other in slots: BED_SLOT (0 to 99, default 0) sets the names and the addresses. BED_OWNER: the
# process that needs the bed (default: who called). The state (keys, ssh_config, logs) is in /run/mpits-bed/SLOT.
set -euo pipefail

SLOT=${BED_SLOT:-0}
ROOT=/run/mpits-bed
STATE=$ROOT/$SLOT
NET=198.18.$((100 + SLOT))
NAME=mpitsb$SLOT
BRIDGE=$NAME
PORT=2222
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

namespace() { echo "$NAME-node$1"; }
relay_namespace() { echo "$NAME-relay$1"; }
link() { echo "${NAME}v$1"; }
inside() { local i=$1; shift; ip netns exec "$(namespace "$i")" "$@"; }

write_keys() {
  mkdir -p "$STATE" /run/sshd
  chmod 700 "$STATE"
  for key in user_key host_key other_key; do
    [ -f "$STATE/$key" ] || ssh-keygen -q -t ed25519 -N '' -C "$key" -f "$STATE/$key"
  done
  cp "$STATE/user_key.pub" "$STATE/authorized_keys"
}

write_ssh_config() { # N
  : >"$STATE/known_hosts"
  for i in $(seq 1 "$1"); do
    echo "[node$i]:$PORT $(cut -d' ' -f1,2 "$STATE/host_key.pub")" >>"$STATE/known_hosts"
  done
  {
    for i in $(seq 1 "$1"); do printf 'Host node%s\n  HostName %s.%s\n  HostKeyAlias [node%s]:%s\n' "$i" "$NET" "$i" "$i" "$PORT"; done
    printf 'Host *\n  Port %s\n  User root\n  IdentityFile %s/user_key\n  IdentitiesOnly yes\n  UserKnownHostsFile %s/known_hosts\n' \
      "$PORT" "$STATE" "$STATE"
    printf '  GlobalKnownHostsFile /dev/null\n  StrictHostKeyChecking yes\n  BatchMode yes\n'
  } >"$STATE/ssh_config"
}

write_sshd_config() { # I FORWARDING
  cat >"$STATE/sshd_$1.conf" <<CONFIG
Port $PORT
ListenAddress $NET.$1
HostKey $STATE/host_key
AuthorizedKeysFile $STATE/authorized_keys
AllowTcpForwarding $2
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
UseDNS no
PidFile $STATE/sshd_$1.pid
Subsystem sftp internal-sftp
CONFIG
}

make_host() { # I N
  local ns
  ns=$(namespace "$1")
  ip netns add "$ns"
  ip link add "$(link "$1")" type veth peer name eth0 netns "$ns"
  ip link set "$(link "$1")" master "$BRIDGE" up
  ip -n "$ns" addr add "$NET.$1/24" dev eth0
  ip -n "$ns" link set eth0 up
  ip -n "$ns" link set lo up
  ip -n "$ns" route add default via "$NET.254"
  mkdir -p "/etc/netns/$ns"
  {
    echo "127.0.0.1 localhost"
    for j in $(seq 1 "$2"); do echo "$NET.$j node$j"; done
  } >"/etc/netns/$ns/hosts"
  write_sshd_config "$1" yes
}

# An own process table: ending its first process ends the host. That is not sshd, which a test may kill alone. And a login shell that
# reads nothing: what this machine's user has it start (pyenv: 0.3 s) is no host's.
start_processes() { # I
  setsid ip netns exec "$(namespace "$1")" unshare --uts --pid --fork --kill-child --mount-proc bash -c "
    hostname node$1
    [ ! -f ~/.bashrc ] || mount --bind /dev/null ~/.bashrc
    sleep infinity &
    $(command -v sshd || echo /usr/sbin/sshd) -D -e -f $STATE/sshd_$1.conf &
    wait" >>"$STATE/sshd_$1.log" 2>&1 </dev/null &
}

wait_for_host() { # I
  for _ in $(seq 200); do
    if ssh-keyscan -T 1 -p "$PORT" "$NET.$1" 2>/dev/null | grep -q .; then return; fi
    sleep 0.05
  done
  echo "bed.sh: node$1 did not answer on $NET.$1:$PORT within 10 s; its log:" >&2
  tail -5 "$STATE/sshd_$1.log" >&2
  return 1
}

up() { # N
  remove
  mkdir -p "$STATE"
  find "$STATE" -mindepth 1 -delete # the folder itself stays: it holds the slot
  write_keys
  echo "${BED_OWNER:-$PPID}" >"$STATE/owner"
  write_ssh_config "$1"
  ip link add "$BRIDGE" type bridge
  ip addr add "$NET.254/24" dev "$BRIDGE"
  ip link set "$BRIDGE" up
  for i in $(seq 1 "$1"); do make_host "$i" "$1" && start_processes "$i"; done
  for i in $(seq 1 "$1"); do wait_for_host "$i"; done
}

# Ends the processes of a namespace and waits for their end.
end_processes() { # namespace
  for _ in $(seq 200); do
    pids=$(ip netns pids "$1" 2>/dev/null || true)
    [ -z "$pids" ] && return
    # shellcheck disable=SC2086
    kill -9 $pids 2>/dev/null || true
    sleep 0.02
  done
}

remove() {
  for ns in $(ip netns list | cut -d' ' -f1 | grep "^$NAME-" || true); do
    end_processes "$ns"
    ip netns del "$ns" 2>/dev/null || true # somebody else may sweep as well
    rm -rf "/etc/netns/$ns"
    release_group "$(groups)/$ns"
  done
  for dev in $(ip -o link show | sed -n "s/^[0-9]*: \(${NAME}[vd][0-9]*\)@.*/\1/p"); do
    ip link del "$dev" 2>/dev/null || true
  done
  ip link del "$BRIDGE" 2>/dev/null || true
}

down() {
  remove
  rm -rf "$STATE"
}

sweep() {
  for owner in "$ROOT"/*/owner; do
    [ -f "$owner" ] || continue
    kill -0 "$(cat "$owner")" 2>/dev/null || BED_SLOT=$(basename "$(dirname "$owner")") "$HERE/bed.sh" down
  done
}

# No new connections to the driver; what belongs to one that stands (ssh's) passes.
block_port() { inside "$1" iptables -I OUTPUT -p tcp --syn -d "$NET.254" -j DROP; }
open_port() { inside "$1" iptables -D OUTPUT -p tcp --syn -d "$NET.254" -j DROP; }

part() { inside "$1" iptables -I OUTPUT -p tcp --syn -d "$NET.$2" -j DROP; }
join() { inside "$1" iptables -D OUTPUT -p tcp --syn -d "$NET.$2" -j DROP; }

loss() { # I PERCENT
  inside "$1" iptables -F
  [ "$2" = 0 ] && return
  local p
  p=$(awk "BEGIN { print $2 / 100 }")
  inside "$1" iptables -A INPUT ! -i lo -m statistic --mode random --probability "$p" -j DROP
  inside "$1" iptables -A OUTPUT ! -o lo -m statistic --mode random --probability "$p" -j DROP
}

rate() { # I RATE
  tc qdisc del dev "$(link "$1")" root 2>/dev/null || true
  inside "$1" tc qdisc del dev eth0 root 2>/dev/null || true
  [ "$2" = 0 ] && return
  tc qdisc add dev "$(link "$1")" root tbf rate "$2" burst 64kb latency 400ms
  inside "$1" tc qdisc add dev eth0 root tbf rate "$2" burst 64kb latency 400ms
}

# netem is missing in many kernels (containers'), so a process takes every frame and passes it on later: host's cable – relay – bridge.
delay() { # I MS
  local relay outer inner
  relay=$(relay_namespace "$1")
  outer=${NAME}d$1
  inner=mpits-out
  if ip netns list | grep -q "^$relay\b"; then
    end_processes "$relay"
    ip -n "$relay" link set "$(link "$1")" netns $$
    ip netns del "$relay"
    ip link del "$outer" 2>/dev/null || true
    ip link set "$(link "$1")" master "$BRIDGE" up
  fi
  [ "$2" = 0 ] && return
  ip netns add "$relay"
  ip link add "$outer" type veth peer name "$inner" netns "$relay"
  python3 "$HERE/delay.py" plain "$outer"
  inside "$1" python3 "$HERE/delay.py" plain eth0
  ip link set "$(link "$1")" netns "$relay"
  ip -n "$relay" link set "$(link "$1")" up
  ip -n "$relay" link set "$inner" up
  ip link set "$outer" master "$BRIDGE" up
  # Before all others: a cable does not wait for a processor.
  setsid nice -n -20 ip netns exec "$relay" python3 "$HERE/delay.py" relay "$(link "$1")" "$inner" "$2" >>"$STATE/relay_$1.log" 2>&1 </dev/null &
}

# By a control group, of either version of the kernel's interface; what its processes start is in it too.
share() { # I PERCENT
  local group period=10000
  group=$(groups)/$NAME-node$1
  if [ "$2" = 0 ]; then
    release_group "$group"
    return
  fi
  mkdir -p "$group"
  if [ -f "$group/cpu.max" ]; then
    echo "$((period * $2 / 100)) $period" >"$group/cpu.max"
  else
    echo "$period" >"$group/cpu.cfs_period_us"
    echo "$((period * $2 / 100))" >"$group/cpu.cfs_quota_us"
  fi
  for pid in $(ip netns pids "$(namespace "$1")"); do echo "$pid" >"$group/cgroup.procs"; done
}

groups() {
  if [ -d /sys/fs/cgroup/cpu ]; then echo /sys/fs/cgroup/cpu; else echo /sys/fs/cgroup; fi
}

release_group() { # FOLDER
  [ -d "$1" ] || return 0
  for _ in $(seq 200); do
    for pid in $(cat "$1/cgroup.procs"); do echo "$pid" >"$(groups)/cgroup.procs" 2>/dev/null || true; done
    rmdir "$1" 2>/dev/null && return
    sleep 0.02
  done
}

set_forwarding() { # I yes|no
  write_sshd_config "$1" "$2"
  kill -HUP "$(listener "$1")"
  wait_for_host "$1"
}

# The process of sshd that listens: its number outside.
listener() { # I
  for pid in $(ip netns pids "$(namespace "$1")"); do
    if tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q "^sshd: .*\[listener\]"; then echo "$pid"; fi
  done | head -1
}

in_its_files() { # I CMD…: in the mount namespace of host I, and the process table that its /proc shows
  local pid
  pid=$(listener "$1")
  shift
  nsenter -t "$pid" -m -p "$@"
}

fill_disk() { # I
  for dir in /tmp /var/tmp "$HOME" /dev/shm; do
    case $HERE/ in "$dir"/*) continue ;; esac
    in_its_files "$1" mount -t tmpfs -o size=64k mpits-full "$dir"
    in_its_files "$1" dd if=/dev/zero of="$dir/full" bs=1k status=none 2>/dev/null || true
  done
}

empty_disk() { # I
  for dir in /tmp /var/tmp "$HOME" /dev/shm; do
    in_its_files "$1" umount -l -t tmpfs "$dir" 2>/dev/null || true
  done
}

wrong_clock() { # I: only the time of day; nobody's monotonic clock jumps
  local lib
  lib=$(ls /usr/lib/*/faketime/libfaketimeMT.so.1 | head -1)
  printf '#!/bin/sh\nLD_PRELOAD=%s FAKETIME=+3600s FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_NO_CACHE=1 exec "%s" "$@"\n' \
    "$lib" "$(command -v node)" >"$STATE/node_ahead"
  chmod +x "$STATE/node_ahead"
  echo "$STATE/node_ahead"
}

verb=${1:-}
case $verb in
  up) up "$2" ;;
  down) down ;;
  sweep) sweep ;;
  pids) ip netns pids "$(namespace "$2")" ;;
  cut) ip link set "$(link "$2")" down ;;
  heal) ip link set "$(link "$2")" up ;;
  crash) ip link set "$(link "$2")" down; end_processes "$(namespace "$2")" ;;
  boot) ip link set "$(link "$2")" up; start_processes "$2"; wait_for_host "$2" ;;
  loss) loss "$2" "$3" ;;
  rate) rate "$2" "$3" ;;
  delay) delay "$2" "$3" ;;
  share) share "$2" "$3" ;;
  block-port) block_port "$2" ;;
  open-port) open_port "$2" ;;
  part) part "$2" "$3"; part "$3" "$2" ;;
  join) join "$2" "$3"; join "$3" "$2" ;;
  no-forwarding) set_forwarding "$2" no ;;
  forwarding) set_forwarding "$2" yes ;;
  fill-disk) fill_disk "$2" ;;
  empty-disk) empty_disk "$2" ;;
  files) i=$2; shift 2; in_its_files "$i" "$@" ;;
  clock) wrong_clock ;;
  address) echo "$NET.$2" ;;
  *) sed -n '2,31p' "$0"; exit 2 ;;
esac
