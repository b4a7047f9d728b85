// Somebody else's verifier: opens a signed checkpoint and checks proofs with golang.org/x/mod/sumdb only.
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type claim struct {
	VKey        string
	Old, New    string // signed checkpoints of the same log
	Record      []byte // a record's canonical bytes
	Seq         int64
	Inclusion   [][]byte // of the record in New
	Consistency [][]byte // of Old with New
}

func open(text, vkey string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	signed, err := note.Open([]byte(text), note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("not a checkpoint of %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	raw, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(raw) != tlog.HashSize {
		return tlog.Tree{}, fmt.Errorf("not a root: %q", lines[2])
	}
	var root tlog.Hash
	copy(root[:], raw)
	return tlog.Tree{N: size, Hash: root}, nil
}

func hashes(raw [][]byte) []tlog.Hash {
	found := make([]tlog.Hash, len(raw))
	for at, each := range raw {
		copy(found[at][:], each)
	}
	return found
}

func check(c claim) error {
	old, err := open(c.Old, c.VKey)
	if err != nil {
		return fmt.Errorf("old checkpoint: %w", err)
	}
	now, err := open(c.New, c.VKey)
	if err != nil {
		return fmt.Errorf("new checkpoint: %w", err)
	}
	if err := tlog.CheckRecord(hashes(c.Inclusion), now.N, now.Hash, c.Seq, tlog.RecordHash(c.Record)); err != nil {
		return fmt.Errorf("inclusion: %w", err)
	}
	if err := tlog.CheckTree(hashes(c.Consistency), now.N, now.Hash, old.N, old.Hash); err != nil {
		return fmt.Errorf("consistency: %w", err)
	}
	return nil
}

// Reads claims, a line of JSON each, and answers each with a line: ok, or what is wrong.
func main() {
	claims := json.NewDecoder(os.Stdin)
	for claims.More() {
		var c claim
		if err := claims.Decode(&c); err != nil {
			fmt.Println("input:", err)
			os.Exit(2)
		}
		if err := check(c); err != nil {
			fmt.Println(err)
		} else {
			fmt.Println("ok")
		}
	}
}
