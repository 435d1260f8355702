// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/exporters/logfile"
)

func TestLinesStayInTheBufferUntilFlush(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	f := open(t, path, logfile.Options{Buffer: 10, FlushInterval: time.Hour})
	holds := func(when, want string) {
		t.Helper()
		if got := read(t, path); got != want {
			t.Errorf("%s the file holds %q, want %q", when, got, want)
		}
	}
	flush := func() {
		t.Helper()
		if err := f.Flush(); err != nil {
			t.Error(err)
		}
	}
	write(t, f, "a")
	write(t, f, "b")
	holds("while lines wait", "")
	flush()
	flush()
	holds("after a flush", "a\nb\n")
	write(t, f, "123456789")
	holds("with a full buffer", "a\nb\n")
	write(t, f, "c")
	holds("when the next line has no room", "a\nb\n123456789\n")
	write(t, f, "longer than the buffer")
	holds("after a line that is longer", "a\nb\n123456789\nc\nlonger than the buffer\n")
	if n, err := io.WriteString(f, "no end"); n != 6 || err != nil {
		t.Errorf("wrote %d, %v", n, err)
	}
	write(t, f, "d")
	flush()
	holds("after half a line", "a\nb\n123456789\nc\nlonger than the buffer\nno end\nd\n")
	write(t, f, "last")
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	holds("after Close", "a\nb\n123456789\nc\nlonger than the buffer\nno end\nd\nlast\n")
	flush()
	if _, err := f.Write([]byte("x\n")); !errors.Is(err, os.ErrClosed) || f.Lost() != 1 || f.LostLate() != 0 {
		t.Errorf("after Close: %v, lost %d, %d of them late", err, f.Lost(), f.LostLate())
	}
}

// No line waits longer than the interval, whatever else flushes the buffer.
func TestFlushInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "app.log")
		f := open(t, path, logfile.Options{Buffer: 1 << 10})
		var due []time.Time // The deadline of each line.
		random := rand.New(rand.NewPCG(1, 2))
		for i := range 200 {
			write(t, f, fmt.Sprint(i))
			due = append(due, time.Now().Add(time.Second))
			if i%7 == 0 {
				if err := f.Flush(); err != nil {
					t.Error(err)
				}
			}
			<-time.After(time.Duration(random.Int64N(int64(400 * time.Millisecond))))
			synctest.Wait()
			lines := strings.Count(read(t, path), "\n")
			for n, d := range due {
				if !time.Now().Before(d) && lines <= n {
					t.Fatalf("line %d is late: the file has %d lines", n, lines)
				}
			}
		}
	})
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "app.log")
		f := open(t, path, logfile.Options{Buffer: 1 << 10, FlushInterval: time.Minute})
		write(t, f, "a")
		for _, tt := range []struct {
			after time.Duration
			want  string
		}{{time.Minute - 1, ""}, {1, "a\n"}} {
			<-time.After(tt.after)
			synctest.Wait()
			if got := read(t, path); got != tt.want {
				t.Errorf("%v later the file holds %q, want %q", tt.after, got, tt.want)
			}
		}
	})
}

// For any sizes, the files equal those written without a buffer.
func TestRotationIsTheSameWithABuffer(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for round := range 80 {
		opts := logfile.Options{MaxSize: random.Int64N(200), Backups: random.IntN(4), FlushInterval: time.Hour}
		var lines []string
		for i := range random.IntN(100) {
			lines = append(lines, fmt.Sprintf("%d%s", i, strings.Repeat("x", random.IntN(1+random.IntN(60)))))
		}
		var got [2]string
		for i, buffer := range []int{0, 1 + random.IntN(150)} {
			dir := t.TempDir()
			opts.Buffer = buffer
			f, err := logfile.Open(filepath.Join(dir, "app.log"), &opts)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range lines {
				write(t, f, line)
				if random.IntN(20) == 0 {
					if err := f.Flush(); err != nil {
						t.Error(err)
					}
				}
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
			got[i] = contents(t, dir)
		}
		if got[0] != got[1] {
			t.Fatalf("round %d, %+v\nwithout a buffer %s\nwith one         %s", round, opts, got[0], got[1])
		}
	}
}

// The buffer goes to the file that was open, as logrotate expects. Time stands still, because the
// path might be checked in between otherwise.
func TestReopenFlushes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an open file cannot be renamed on Windows")
	}
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		path := filepath.Join(dir, "app.log")
		f := open(t, path, logfile.Options{Buffer: 1 << 10})
		write(t, f, "a")
		if err := os.Rename(path, path+".old"); err != nil {
			t.Fatal(err)
		}
		write(t, f, "b")
		if err := f.Reopen(); err != nil {
			t.Fatal(err)
		}
		write(t, f, "c")
		if err := f.Flush(); err != nil {
			t.Error(err)
		}
		if got, want := contents(t, dir), "app.log:c; app.log.old:a b"; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

// A deleted file is created again with the next write, and contains what was written since the
// last check.
func TestDeletedFileIsCreatedAgainWithBufferedLines(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an open file cannot be deleted on Windows")
	}
	synctest.Test(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "logs")
		path := filepath.Join(dir, "app.log")
		f := open(t, path, logfile.Options{Buffer: 1 << 10})
		write(t, f, "a")
		<-time.After(time.Second) // The path is checked, and "a" is written.
		synctest.Wait()
		write(t, f, "b")
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		write(t, f, "c")
		<-time.After(time.Second)
		synctest.Wait()
		if got := read(t, path); got != "a\nb\nc\n" {
			t.Errorf("the file holds %q", got)
		}
	})
}

// Buffered lines that cannot be written are counted one by one and reported once.
func TestFullDiskWithABuffer(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("/dev/full exists only on Linux")
	}
	path := filepath.Join(t.TempDir(), "app.log")
	if err := os.Symlink("/dev/full", path); err != nil {
		t.Fatal(err)
	}
	var fallback bytes.Buffer
	f := open(t, path, logfile.Options{Buffer: 16, FlushInterval: time.Hour, Fallback: &fallback})
	lost := func(want, late uint64) {
		t.Helper()
		if f.Lost() != want || f.LostLate() != late {
			t.Errorf("lost %d, %d of them late, want %d, %d", f.Lost(), f.LostLate(), want, late)
		}
	}
	for i := range 5 { // Two lines fill the buffer.
		write(t, f, fmt.Sprintf("line %d", i))
	}
	lost(4, 4)
	if err := f.Flush(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Flush returned %v", err)
	}
	lost(5, 5)
	if _, err := io.WriteString(f, "longer than the buffer\n"); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Write returned %v", err)
	}
	lost(6, 5)
	if got, want := fallback.String(), "logfile: write "+path+": no space left on device; this line and those after it are lost and counted until it can be written again: line 0\n"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	write(t, f, "waits")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := f.Reopen(); err != nil { // The buffer is written to the file that the path names now.
		t.Fatal(err)
	}
	lost(6, 5)
	write(t, f, "back")
	if err := f.Flush(); err != nil {
		t.Error(err)
	}
	if got := read(t, path); got != "waits\nback\n" {
		t.Errorf("the file holds %q", got)
	}
	lost(6, 5)
}

// Close returns an error if it cannot write the buffer.
func TestCloseOnAFullDisk(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("/dev/full exists only on Linux")
	}
	path := filepath.Join(t.TempDir(), "app.log")
	if err := os.Symlink("/dev/full", path); err != nil {
		t.Fatal(err)
	}
	f, err := logfile.Open(path, &logfile.Options{Buffer: 16, Fallback: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	write(t, f, "a")
	if err := f.Close(); !errors.Is(err, syscall.ENOSPC) || f.Lost() != 1 {
		t.Errorf("Close returned %v, lost %d", err, f.Lost())
	}
}

// A real file system becomes full in the middle of the buffer and has space again later: the
// lines in the file and the counted lines are all lines.
func TestFullFileSystemWithABuffer(t *testing.T) {
	dir := smallDisk(t)
	path := filepath.Join(dir, "app.log")
	big := filepath.Join(dir, "big")
	if err := os.WriteFile(big, make([]byte, 40<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	var fallback bytes.Buffer
	f, err := logfile.Open(path, &logfile.Options{Buffer: 7000, FlushInterval: time.Hour, Fallback: &fallback})
	if err != nil {
		t.Fatal(err)
	}
	const all = 40
	line := func(i int) string { return fmt.Sprintf("%d %s", i, strings.Repeat("x", 996)) }
	for i := range all {
		write(t, f, line(i))
	}
	if err := f.Flush(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Flush returned %v", err)
	}
	if err := os.Remove(big); err != nil {
		t.Fatal(err)
	}
	write(t, f, "back")
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	text := read(t, path)
	whole := 0
	for whole < all && strings.Contains(text, line(whole)+"\n") {
		whole++
	}
	if lost := f.Lost(); whole == 0 || lost == 0 || lost != f.LostLate() || whole+int(lost) != all || !strings.HasSuffix(text, "\nback\n") {
		t.Errorf("%d whole lines, lost %d, %d of them late, of %d; the end is %q", whole, lost, f.LostLate(), all, text[len(text)-20:])
	}
	if want := "written again: " + line(whole) + "\n"; strings.Count(fallback.String(), "\n") != 2 || !strings.Contains(fallback.String(), want) {
		t.Errorf("the fallback got %.100q…", fallback.String())
	}
}

// kill -9 at any time loses at most the content of the buffer, and only from the end.
func TestKilledProcessLosesOnlyBufferedLines(t *testing.T) {
	const buffer = 4 << 10
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	for round := range 8 {
		name := fmt.Sprintf("r%d", round)
		wrote := killed(t, fmt.Sprintf("%s|%s|0|20000|1000|%d", path, name, buffer), 1000+round*137)
		got := wholeLinesOf(t, dir, name)
		waited := 0
		for i := got; i < wrote; i++ {
			waited += len(childLine(name, i))
		}
		if waited > buffer {
			t.Errorf("round %d: %d lines of %d are in the file, the others have %d bytes", round, got, wrote, waited)
		}
	}
}

// wholeLinesOf counts the lines of a process from the oldest file to the newest, and checks that
// they are those from 0 on, each once and complete. The beginning of another line may follow the
// last one.
func wholeLinesOf(t *testing.T, dir, name string) (n int) {
	t.Helper()
	var text strings.Builder
	for i := 1000; i >= -1; i-- {
		file := "app.log"
		if i >= 0 { // A kill during a rotation leaves app.log.0.
			file += "." + strconv.Itoa(i)
		}
		data, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil && !errors.Is(err, os.ErrNotExist) { // A kill during a rotation leaves a gap.
			t.Fatal(err)
		}
		text.Write(data)
	}
	torn := false
	for line := range strings.Lines(text.String()) {
		if !strings.HasPrefix(line, name+" ") {
			continue
		}
		want := childLine(name, n)
		switch {
		case torn:
			t.Fatalf("%q follows half a line", line)
		case line == want:
			n++
		case strings.HasPrefix(want, strings.TrimSuffix(line, "\n")):
			torn = true
		default:
			t.Fatalf("%q is not line %d", line, n)
		}
	}
	return n
}
