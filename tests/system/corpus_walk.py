#!/usr/bin/env python3
"""Compares a running specd with the disk, by a program that shares nothing with it.

  corpus_walk.py SPECD TREE SEED

Copies TREE, lets the daemon SPECD keep the copy, and after each step reads every file and every row (through Python's
own sqlite3) and compares them byte for byte: at the start, after 200 random edits, renames, moves and deletions, after
replaying a git history, and after kill -9 in the middle of edits and a restart.  Prints what it did; exits with 1 at
the first difference.
"""
import json, os, random, shutil, signal, sqlite3, subprocess, sys, tempfile

SPECD, TREE, SEED = sys.argv[1], sys.argv[2], int(sys.argv[3])
rng = random.Random(SEED)
work = tempfile.mkdtemp(prefix="specd-walk-")
root = os.path.join(work, "project")
env = dict(os.environ, HOME=work, XDG_STATE_HOME=work + "/state", XDG_RUNTIME_DIR=work + "/run",
           GIT_CONFIG_GLOBAL="/dev/null", GIT_AUTHOR_NAME="t", GIT_AUTHOR_EMAIL="t@example.org",
           GIT_COMMITTER_NAME="t", GIT_COMMITTER_EMAIL="t@example.org")
daemon = None


def fail(text):
    print(f"FAILED (seed {SEED}): {text}")
    stop(signal.SIGKILL)
    sys.exit(1)


def start():
    global daemon
    daemon = subprocess.Popen([SPECD, "run", root, "--listen", "127.0.0.1:0"], env=env, stdout=subprocess.PIPE,
                              stderr=open(work + "/log", "ab"), text=True)
    line = daemon.stdout.readline()
    if not line.startswith("ready http://127.0.0.1:"):
        fail(f"no ready line, but {line!r}\n" + open(work + "/log").read()[-4000:])


def stop(how):
    if daemon and daemon.poll() is None:
        daemon.send_signal(how)
        daemon.wait(10)


def sh(command):
    done = subprocess.run(command, shell=True, cwd=root, env=env, capture_output=True, text=True)
    if done.returncode != 0:
        fail(f"{command}: {done.stdout}{done.stderr}")
    return done.stdout


def units():
    """Folders that hold one spec each (or, in openspec/specs, the tree of capabilities)."""
    found = []
    for parent in ["openspec/changes", "openspec/changes/archive", "openspec/archive", "specs", "specs/archived"]:
        full = os.path.join(root, parent)
        if not os.path.isdir(full):
            continue
        for name in sorted(os.listdir(full)):
            path = parent + "/" + name
            if not os.path.isdir(os.path.join(root, path)) or name.startswith("."):
                continue
            if path in ("openspec/changes/archive", "specs/archived"):
                continue
            found.append(path)
    return found


def is_leanspec_folder(unit):
    name = os.path.basename(unit)
    has_main = any(os.path.isfile(os.path.join(root, unit, main)) for main in ("README.md", "SPEC.md"))
    return has_main or (name[:1].isdigit() and "-" in name and name.split("-")[0].isdigit())


def disk():
    files = {}
    trees = [u for u in units() if u.startswith("openspec/") or is_leanspec_folder(u)]
    for tree in trees:
        for folder, _, names in os.walk(os.path.join(root, tree)):
            for name in names:
                take(files, os.path.join(folder, name))
    for folder, _, names in os.walk(os.path.join(root, "openspec/specs")):
        at = folder
        while len(at) > len(root + "/openspec/specs") and not os.path.isfile(at + "/spec.md"):
            at = os.path.dirname(at)
        if at != root + "/openspec/specs":
            for name in names:
                take(files, os.path.join(folder, name))
    return files


def take(files, path):
    if os.path.basename(path) == ".gitkeep" or not os.path.isfile(path):
        return
    with open(path, "rb") as f:
        files[os.fsencode(os.path.relpath(path, root))] = f.read()


def rows():
    db = sqlite3.connect(f"file:{work}/state/specd/specd.db?mode=ro", uri=True)
    db.text_factory = bytes
    found = {}
    query = ("SELECT f.path, f.content FROM spec_files f JOIN specs s ON s.key = f.spec "
             "WHERE f.deleted_at IS NULL AND s.deleted_at IS NULL")
    for path, content in db.execute(query):
        found[path] = content
    db.close()
    return found


def compare(when):
    done = subprocess.run([SPECD, "sync", "--wait"], env=env, capture_output=True, text=True)
    if done.returncode != 0:
        fail(f"{when}: sync --wait: {done.stdout}{done.stderr}")
    on_disk, in_rows = disk(), rows()
    if on_disk != in_rows:
        for path in sorted(set(on_disk) | set(in_rows)):
            a, b = on_disk.get(path), in_rows.get(path)
            if a != b:
                print(path, "disk:", a if a is None else len(a), "row:", b if b is None else len(b))
        fail(f"{when}: disk and database differ")
    verify = subprocess.run([SPECD, "verify", "--json"], env=env, capture_output=True, text=True)
    report = json.loads(verify.stdout) if verify.stdout else {}
    if verify.returncode != 0 or report.get("files") != len(on_disk):
        fail(f"{when}: specd verify says {verify.returncode} {verify.stdout[:500]} {verify.stderr}")
    print(f"{when}: {len(on_disk)} files equal, {sum(map(len, on_disk.values()))} bytes")


def some_text():
    return "".join(rng.choice(["# Title\n", "- [ ] task\n", "- [x] done\n", "text \xe4 \r\n", "\n"]) for _ in range(rng.randint(0, 40)))


def edit(n):
    files = [os.fsdecode(p) for p in disk()]
    all_units = units()
    kind = rng.randrange(10)
    target = os.path.join(root, rng.choice(files)) if files else None
    if kind <= 2 and target:
        with open(target, "w", newline="") as f:
            f.write(some_text())
    elif kind == 3 and target:
        with open(target, "a", newline="") as f:
            f.write(some_text())
    elif kind == 4 and target:
        with open(target + ".new", "wb") as f:
            f.write(rng.randbytes(rng.randint(0, 3000)))
        os.rename(target + ".new", target)
    elif kind == 5 and target and not target.endswith("spec.md"):
        os.rename(target, os.path.join(os.path.dirname(target), f"renamed-{n}.md"))
    elif kind == 6 and target:
        os.remove(target)
    elif kind == 7 and all_units:
        unit = os.path.join(root, rng.choice(all_units))
        other = os.path.join(os.path.dirname(unit), f"{900 + n}-moved")
        os.rename(unit, other)
    elif kind == 8 and os.path.isdir(root + "/openspec/changes"):
        inner = [u for u in all_units if u.startswith("openspec/changes/") and not u.startswith("openspec/changes/archive/")]
        archived = [u for u in all_units if u.startswith("openspec/changes/archive/")]
        os.makedirs(root + "/openspec/changes/archive", exist_ok=True)
        if inner and (rng.random() < .5 or not archived):
            os.rename(os.path.join(root, rng.choice(inner)), f"{root}/openspec/changes/archive/2026-11-{n % 28 + 1:02d}-c{n}")
        elif archived:
            os.rename(os.path.join(root, rng.choice(archived)), f"{root}/openspec/changes/back-{n}")
    elif kind == 9 and all_units:
        if rng.random() < .5:
            shutil.rmtree(os.path.join(root, rng.choice(all_units)))
        else:
            unit = os.path.join(os.path.dirname(os.path.join(root, rng.choice(all_units))), f"{800 + n}-made")
            os.makedirs(unit + "/specs/deep/er", exist_ok=True)
            for name in ["proposal.md", "tasks.md", "README.md", "specs/deep/er/spec.md"]:
                with open(os.path.join(unit, name), "w") as f:
                    f.write(some_text())


def main():
    top = "openspec" if os.path.isdir(TREE + "/openspec") else "specs"
    shutil.copytree(os.path.join(TREE, top), os.path.join(root, top))
    subprocess.run(["chmod", "-R", "u+w", root], check=True)
    start()
    compare("at the start")
    for n in range(200):
        edit(n)
    compare("after 200 random changes")

    sh("git init -q -b main . && git add -A && git commit -qm 0")
    for n in range(1, 6):
        for i in range(12):
            edit(1000 * n + i)
        sh(f"git add -A && git commit -q --allow-empty -m {n}")
    commits = sh("git rev-list --reverse HEAD").split()
    for commit in commits + commits[::-1] + [commits[-1]]:
        sh(f"git checkout -q {commit}")
        if rng.random() < .3:
            compare(f"replaying git, at {commit[:8]}")
    compare("after replaying git")

    for n in range(30):
        edit(9000 + n)
    stop(signal.SIGKILL)
    for n in range(30):
        edit(9500 + n)
    start()
    compare("after kill -9, more changes and a restart")
    began = daemon
    stop(signal.SIGTERM)
    if began.returncode != 0:
        fail(f"SIGTERM ended it with {began.returncode}")
    shutil.rmtree(work)
    print("ok")


main()
