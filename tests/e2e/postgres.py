# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL server of a test's own, on loopback, that ends with the test."""

import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time


def find_binaries():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


class PostgresServer:
    """With `url` while it runs; starting and stopping it again keeps its data."""

    def __init__(self):
        self.binaries = find_binaries()
        if self.binaries is None:
            raise FileNotFoundError("no PostgreSQL under /usr/lib/postgresql: ./dev setup test")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="astrolabe-postgres-"))
        self.become = {}
        if os.geteuid() == 0:  # initdb refuses root
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.become = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        self.run("initdb", "-D", self.folder / "data", "-U", "postgres", "-A", "trust", "--no-sync")
        self.process = None
        self.start()

    def run(self, program, *words):
        subprocess.run([self.binaries / program, *map(str, words)], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, cwd=self.folder, **self.become)

    def start(self):
        self.process = subprocess.Popen(
            [self.binaries / "postgres", "-D", self.folder / "data", "-p", str(self.port), "-h", "127.0.0.1", "-k", self.folder],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder, **self.become)
        end = time.time() + 30
        while time.time() < end:
            with socket.socket() as line:
                if line.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise TimeoutError("PostgreSQL did not start")

    def stop(self):
        self.process.send_signal(signal.SIGINT)  # ends sessions; SIGTERM would wait for them
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def remove(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
