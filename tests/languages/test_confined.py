"""What programs of other languages reach: no network, no root that can be written to, no file of another test."""

from __future__ import annotations

import pytest

from sandbox.v1 import job_pb2, reward_pb2_grpc

pytestmark = pytest.mark.languages
Stub = reward_pb2_grpc.RewardServiceStub
# Each prints what it reached: a connection, a file below /usr, and a file that an earlier run left.
PROGRAMS = {
    "javascript": """
const fs = require('fs'), net = require('net');
const tried = (name, act) => { try { act(); console.log(name); } catch (error) { } };
tried('root', () => fs.writeFileSync('/usr/reached', 'x'));
tried('seen', () => fs.readFileSync('/tmp/left'));
fs.writeFileSync('/tmp/left', 'x');
net.connect(53, '1.1.1.1', () => console.log('network')).on('error', () => {});
""",
    "ruby": """
require 'socket'
begin; File.write('/usr/reached', 'x'); puts 'root'; rescue SystemCallError; end
begin; File.read('/tmp/left'); puts 'seen'; rescue SystemCallError; end
File.write('/tmp/left', 'x')
begin; TCPSocket.new('1.1.1.1', 53); puts 'network'; rescue SystemCallError, SocketError; end
""",
    "go": """
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	if os.WriteFile("/usr/reached", nil, 0644) == nil {
		fmt.Println("root")
	}
	if _, err := os.ReadFile("/tmp/left"); err == nil {
		fmt.Println("seen")
	}
	os.WriteFile("/tmp/left", nil, 0644)
	if _, err := net.Dial("tcp", "1.1.1.1:53"); err == nil {
		fmt.Println("network")
	}
}
""",
    "java": """
import java.net.*;
import java.nio.file.*;

public class Main {
    interface Act { void go() throws Exception; }
    static void tried(String name, Act act) { try { act.go(); System.out.println(name); } catch (Exception error) { } }
    public static void main(String[] a) throws Exception {
        tried("root", () -> Files.writeString(Path.of("/usr/reached"), "x"));
        tried("seen", () -> Files.readString(Path.of("/tmp/left")));
        Files.writeString(Path.of("/tmp/left"), "x");
        tried("network", () -> new Socket("1.1.1.1", 53).close());
    }
}
""",
}


@pytest.mark.parametrize("language", PROGRAMS)
def test_nothing_is_reached(language: str, offered: list[str], polyglot: Stub) -> None:
    if language not in offered:
        pytest.skip(f"{language} is not installed: sandbox runtimes install {language}")
    request = job_pb2.ScoreRequest(feedback=job_pb2.ALL)
    request.program.language, request.program.source = language, PROGRAMS[language]
    for _ in range(3):
        request.tests.add(stdio=job_pb2.StdioTest(expected_stdout=""))
    answer = polyglot.Score(request)
    assert [test.stdout for test in answer.verdict.tests] == ["", "", ""]
    assert answer.verdict.passed, answer
