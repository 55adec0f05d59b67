"""What people and git do to the files of a project."""
import os
import random
import shutil
import subprocess

USUAL_SPECS = 60


class World:
    def __init__(self, root, env, seed):
        self.root, self.env, self.chance = root, env, random.Random(seed)
        self.changes = os.path.join(root, "openspec/changes")
        self.made = self.checkouts = self.edits = 0
        os.makedirs(self.changes)
        for _ in range(USUAL_SPECS):
            self.create()
        self.git("init", "-q", "-b", "main")
        for _ in range(2):
            self.commit()
        self.is_back = False

    def git(self, *words):
        done = subprocess.run(["git", *words], cwd=self.root, env=self.env, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"git {words}: {done.stdout}{done.stderr}")

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "work")

    def specs(self):
        return sorted(name for name in os.listdir(self.changes) if name != "archive")

    def write(self, spec):
        """By renaming or in place, as editors do."""
        text = "# Tasks\n\n" + "".join(f"- [{self.chance.choice(' x')}] {line} {self.chance.random()}\n"
                                       for line in range(self.chance.randrange(40)))
        path = f"{self.changes}/{spec}/{self.chance.choice(['tasks.md', 'proposal.md', 'design.md'])}"
        written = path + "~" if self.chance.random() < 0.5 else path
        with open(written, "w") as file:
            file.write(text)
        if written != path:
            os.rename(written, path)

    def name(self):
        self.made += 1
        return f"spec-{self.made}"

    def create(self):
        spec = self.name()
        os.mkdir(f"{self.changes}/{spec}")
        self.write(spec)

    def act(self):
        """One thing."""
        self.edits += 1
        there = self.specs()
        lack = USUAL_SPECS - len(there)
        what = self.chance.random()
        if not there or what < 0.1 + 0.01 * max(lack, 0):
            return self.create()
        one = self.chance.choice(there)
        if what < 0.75:
            return self.write(one)
        if what < 0.85:
            return os.rename(f"{self.changes}/{one}", f"{self.changes}/{self.name()}")
        if what < 0.9:
            os.makedirs(self.changes + "/archive", exist_ok=True)  # git keeps no empty folder
            return os.rename(f"{self.changes}/{one}", f"{self.changes}/archive/2026-01-01-{self.name()}")
        return shutil.rmtree(f"{self.changes}/{one}")

    def check_out(self):
        """One commit back, or to the newest, where what was done meanwhile is dropped. Not further: where most of all
        specs vanish at once, the daemon waits for ten seconds before it believes that."""
        self.checkouts += 1
        if self.is_back:
            self.git("checkout", "-q", "-f", "main")
            self.git("clean", "-fdq")
        else:
            self.commit()
            self.git("checkout", "-q", "main~1")
        self.is_back = not self.is_back
