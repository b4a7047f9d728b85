import os
from tests.transitions.world import world


def test_smoke(tmp_path):
    with world(tmp_path) as w:
        r = w.root
        (r / "a").write_text("one")
        (r / "d").mkdir()
        (r / "d" / "x").write_text("x")
        (r / "m").mkdir()
        (r / "m" / "y").write_text("y")
        (r / "m" / "z").write_text("z")

        def work(r):
            (r / "a").write_text("two")
            (r / "d" / "x").unlink()
            (r / "d" / "n").mkdir()
            (r / "d" / "n" / "f").write_text("f")
            os.symlink("q", r / "s")
            os.rename(r / "m", r / "d" / "m2")
            (r / "d" / "m2" / "y").write_text("yy")
            (r / "d" / "m2" / "z").unlink()
            (r / "d" / "m2" / "new").write_text("new")

        before, after, effects = w.did(work, {b"d/m2": b"m"})
        for e in effects:
            print(e.op, e.resource)
        applied = w.to("pre", effects)
        assert w.scan() == before
        applied2 = w.to("post", effects, applied.landed)
        assert w.scan() == after
        again = w.to("post", effects, applied2.landed)
        assert again.written == 0
        assert w.live.verify(effects, "post") == [] and w.live.verify(effects, "pre")
        w.to("pre", effects, applied2.landed)
        assert w.scan() == before
        assert os.listdir(w.root) == os.listdir(w.root) and not [
            n for n in os.listdir(w.root) if n.startswith(".sandbox")
        ]
