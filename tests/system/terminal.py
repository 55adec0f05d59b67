"""Runs a program on a terminal of its own, and prints what it wrote there: terminal.py COLUMNS PROGRAM ARGUMENT..."""
import fcntl
import os
import pty
import struct
import sys
import termios

columns, command = int(sys.argv[1]), sys.argv[2:]
ours, theirs = pty.openpty()
fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
child = os.fork()
if child == 0:
    os.dup2(theirs, 1)
    os.execvp(command[0], command)
os.close(theirs)
written = b""
try:
    while part := os.read(ours, 4096):
        written += part
except OSError:  # how the other end's closing shows
    pass
status = os.waitpid(child, 0)[1]
sys.stdout.buffer.write(written.replace(b"\r\n", b"\n"))
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(status))
