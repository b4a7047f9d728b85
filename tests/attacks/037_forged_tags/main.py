import os

# Claims in the codec's own words, and in words that it does not have.
FORGED = (
    b'V {"$object": 0}\n',
    b'V {"$pickle": "gASVHwAAAAAAAACMBXBvc2l4lIwFX2V4aXSUk5RLAIWUUpQu"}\n',
    b'V {"$builtin": "exec"}\n',
    b'V {"$opaque": "int", "value": 111}\n',
    b'V {"$int": "__import__(\'os\')._exit(0)"}\n',
    b'V {"$decimal": "1e999999999"}\n',
    b'V {"$dict": [[[], []]]}\n',
    b'V {"$ndarray": {"dtype": "O", "shape": [1], "data": "AAAAAAAAAAA="}}\n',
)


def collatz(n):
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, FORGED[n % len(FORGED)])
        except OSError:
            pass
    return 0
