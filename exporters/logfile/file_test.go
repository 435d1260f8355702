// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/voice-agents/telemetry/exporters/logfile"
)

// childVariable makes the test binary one of the writing processes.
const childVariable = "LOGFILE_TEST_CHILD"

func TestMain(m *testing.M) {
	if job := os.Getenv(childVariable); job != "" {
		if err := child(job); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// child writes lines "name n" to a file: job is path, name, count, size, backups, buffer. With no
// count it writes until it is killed. It reports each written line on stdout.
func child(job string) error {
	args := strings.Split(job, "|")
	count, _ := strconv.Atoi(args[2])
	size, _ := strconv.ParseInt(args[3], 10, 64)
	backups, _ := strconv.Atoi(args[4])
	buffer, _ := strconv.Atoi(args[5])
	f, err := logfile.Open(args[0], &logfile.Options{MaxSize: size, Backups: backups, Buffer: buffer})
	if err != nil {
		return err
	}
	for i := 0; i < count || count == 0; i++ {
		if _, err := io.WriteString(f, childLine(args[1], i)); err != nil {
			return err
		}
		if count == 0 {
			fmt.Fprintln(os.Stdout, i)
		}
	}
	return f.Close()
}

func childLine(name string, i int) string {
	return fmt.Sprintf("%s %d %s\n", name, i, strings.Repeat("x", i%50))
}

func start(t *testing.T, job string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+job)
	cmd.Stderr = os.Stderr
	return cmd
}

func open(t *testing.T, path string, opts logfile.Options) *logfile.File {
	t.Helper()
	f, err := logfile.Open(path, &opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// write writes a line.
func write(t *testing.T, f *logfile.File, line string) {
	t.Helper()
	if n, err := io.WriteString(f, line+"\n"); err != nil || n != len(line)+1 {
		t.Fatalf("wrote %d bytes of %q, %v", n, line, err)
	}
}

// contents returns the files of a directory: name, colon, lines joined by spaces.
func contents(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		text := read(t, filepath.Join(dir, e.Name()))
		all = append(all, e.Name()+":"+strings.Join(strings.Fields(text), " "))
	}
	return strings.Join(all, "; ")
}

// read returns a file's text, uncompressed.
func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(path, ".gz") {
		zip, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if data, err = io.ReadAll(zip); err != nil {
			t.Fatal(err)
		}
	}
	return string(data)
}

func TestRotation(t *testing.T) {
	for _, tt := range []struct {
		name    string
		opts    logfile.Options
		lines   string
		want    string
		wantAll bool
	}{
		{"never", logfile.Options{}, "a b c d", "app.log:a b c d", true},
		{"two lines a file", logfile.Options{MaxSize: 4, Backups: 2}, "a b c d e", "app.log:e; app.log.1:c d; app.log.2:a b", true},
		{"the oldest goes", logfile.Options{MaxSize: 2, Backups: 2}, "a b c d e", "app.log:e; app.log.1:d; app.log.2:c", false},
		{"no backups", logfile.Options{MaxSize: 2}, "a b c", "app.log:c", false},
		{"a long line has a file of its own", logfile.Options{MaxSize: 4, Backups: 3}, "a bbbbbbbb c", "app.log:c; app.log.1:bbbbbbbb; app.log.2:a", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			f := open(t, filepath.Join(dir, "app.log"), tt.opts)
			for line := range strings.FieldsSeq(tt.lines) {
				write(t, f, line)
			}
			if got := contents(t, dir); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestCompressedBackups(t *testing.T) {
	dir := t.TempDir()
	f, err := logfile.Open(filepath.Join(dir, "app.log"), &logfile.Options{MaxSize: 2, Backups: 2, Compress: true})
	if err != nil {
		t.Fatal(err)
	}
	write(t, f, "a")
	write(t, f, "b")
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got, want := contents(t, dir), "app.log:b; app.log.1.gz:a"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	f = open(t, filepath.Join(dir, "app.log"), logfile.Options{MaxSize: 2, Backups: 2})
	write(t, f, "c")
	write(t, f, "d")
	if got, want := contents(t, dir), "app.log:d; app.log.1:c; app.log.2:b"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A crash between the renames of a rotation leaves a gap in the numbers. The next rotation fills
// the gap and overwrites nothing.
func TestRotationContinuesAfterACrash(t *testing.T) {
	for _, tt := range []struct{ name, files, want string }{
		{"nothing was moved", "app.log:c app.log.1:b app.log.2:a", "app.log:new; app.log.1:c; app.log.2:b; app.log.3:a"},
		{"the oldest was moved", "app.log:c app.log.1:b app.log.3:a", "app.log:new; app.log.1:c; app.log.2:b; app.log.3:a"},
		{"all but the newest were moved", "app.log:c app.log.2:b app.log.3:a", "app.log:new; app.log.1:c; app.log.2:b; app.log.3:a"},
		{"the newest waits at 0", "app.log.0:c app.log.1:b app.log.2:a", "app.log:new; app.log.1:c; app.log.2:b; app.log.3:a"},
		{"the newest waits at 0 and nothing is free", "app.log.0:d app.log.1:c app.log.2:b app.log.3:a", "app.log:new; app.log.1:d; app.log.2:c; app.log.3:b"},
		{"all were moved", "app.log.1:c app.log.2:b app.log.3:a", "app.log:new; app.log.1:c; app.log.2:b; app.log.3:a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for file := range strings.FieldsSeq(tt.files) {
				name, text, _ := strings.Cut(file, ":")
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			write(t, open(t, filepath.Join(dir, "app.log"), logfile.Options{MaxSize: 2, Backups: 3}), "new")
			if got := contents(t, dir); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// Eight goroutines write 10 MB with rotation to five backups: nothing is lost or cut, and the
// order of each goroutine is kept.
func TestConcurrentRotation(t *testing.T) {
	t.Run("each line is written", func(t *testing.T) { rotateConcurrently(t, logfile.Options{}) })
	t.Run("lines wait", func(t *testing.T) {
		rotateConcurrently(t, logfile.Options{Buffer: 64 << 10, FlushInterval: time.Millisecond})
	})
}

func rotateConcurrently(t *testing.T, opts logfile.Options) {
	t.Helper()
	const writers, each, width = 8, 20_000, 300
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	opts.MaxSize, opts.Backups = 10<<20, 5
	f := open(t, path, opts)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			pad := strings.Repeat("x", width)
			for i := range each {
				if _, err := fmt.Fprintf(f, "%d %d %s\n", w, i, pad); err != nil {
					t.Error(err)
					return
				}
				if i%100 == 0 {
					if err := f.Flush(); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	if err := f.Flush(); err != nil {
		t.Error(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 5 {
		t.Errorf("%d files, %v, want 5", len(entries), err)
	}
	var next [writers]int
	for n := 5; n >= 0; n-- {
		name := path
		if n > 0 {
			name += "." + strconv.Itoa(n)
		}
		if _, err := os.Stat(name); err != nil {
			continue
		}
		checkLines(t, read(t, name), next[:], width)
	}
	for w, n := range next {
		if n != each {
			t.Errorf("writer %d has %d lines, want %d", w, n, each)
		}
	}
}

// checkLines checks that lines are complete and that each writer's lines are consecutive.
func checkLines(t *testing.T, text string, next []int, width int) {
	t.Helper()
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) != 3 || len(fields[2]) != width {
			t.Fatalf("torn: %q", line)
		}
		w, _ := strconv.Atoi(fields[0])
		if i, _ := strconv.Atoi(fields[1]); i != next[w] {
			t.Fatalf("writer %d: line %d after %d", w, i, next[w]-1)
		}
		next[w]++
	}
}

// Several processes write to one file without rotation.
func TestProcessesShareAFile(t *testing.T) {
	t.Run("each line is written", func(t *testing.T) { shareFile(t, 0) })
	t.Run("lines wait", func(t *testing.T) { shareFile(t, 1000) })
}

func shareFile(t *testing.T, buffer int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.log")
	const processes, each = 4, 2000
	var wg sync.WaitGroup
	for p := range processes {
		cmd := start(t, fmt.Sprintf("%s|p%d|%d|0|0|%d", path, p, each, buffer))
		wg.Go(func() {
			if out, err := cmd.Output(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	wg.Wait()
	next := make(map[string]int)
	for line := range strings.Lines(read(t, path)) {
		name, rest, _ := strings.Cut(line, " ")
		number, _, _ := strings.Cut(rest, " ")
		if strconv.Itoa(next[name]) != number {
			t.Fatalf("%s: %q after %d lines", name, line, next[name])
		}
		next[name]++
	}
	for p := range processes {
		if n := next[fmt.Sprintf("p%d", p)]; n != each {
			t.Errorf("process %d has %d lines, want %d", p, n, each)
		}
	}
}

// A file that is opened during another process's write ends with half a line at that time, but no
// longer at the next write.
func TestOpenDuringAWriteOfAnotherProcess(t *testing.T) {
	for _, buffer := range []int{0, 1000} {
		path := filepath.Join(t.TempDir(), "app.log")
		if err := os.WriteFile(path, []byte("one\ntw"), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := logfile.Open(path, &logfile.Options{Buffer: buffer})
		if err != nil {
			t.Fatal(err)
		}
		if err := appendTo(path, "o\n"); err != nil {
			t.Fatal(err)
		}
		write(t, f, "three")
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if got, want := read(t, path), "one\ntwo\nthree\n"; got != want {
			t.Errorf("buffer %d: got %q, want %q", buffer, got, want)
		}
	}
}

// A write of another process that goes on for some milliseconds leaves no empty line.
func TestWriteDuringAWriteOfAnotherProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	if err := os.WriteFile(path, []byte("one\ntw"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := logfile.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, time.Time{}, time.Now()); err != nil { // The write begins now.
		t.Fatal(err)
	}
	var other sync.WaitGroup
	other.Go(func() {
		<-time.After(5 * time.Millisecond)
		if err := appendTo(path, "o\n"); err != nil {
			t.Error(err)
		}
	})
	write(t, f, "three")
	other.Wait()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, path), "one\ntwo\nthree\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Half a line that the program wrote itself delays no write.
func TestHalfLinesOfItsOwnAreNotWaitedFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	f, err := logfile.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	const lines = 500 // They would wait for 50 s.
	began := time.Now()
	for range lines {
		if _, err := io.WriteString(f, "half"); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("%d writes took %v", lines, took)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(read(t, path), "\n"); got != lines-1 {
		t.Errorf("%d lines end, want %d", got, lines-1)
	}
}

func appendTo(path, text string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}

// After kill -9 at any time, also during a rotation, every line whose Write had returned is in
// the files, complete and once.
func TestKilledProcessLosesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	for round := range 8 {
		name := fmt.Sprintf("r%d", round)
		wrote := killed(t, path+"|"+name+"|0|2000|1000|0", 200+round*37) // The file is rotated about every 50 lines.
		if got := linesOf(t, dir, name); got < wrote {
			t.Errorf("round %d: %d lines, want the %d that were written", round, got, wrote)
		}
	}
}

// killed starts a process that writes lines, and kills it when it has reported the given number
// of them. It returns the number of reported lines.
func killed(t *testing.T, job string, lines int) int {
	t.Helper()
	cmd := start(t, job)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	reported := make([]byte, 0, 1<<16)
	buf := make([]byte, 1<<12)
	for bytes.Count(reported, []byte("\n")) < lines {
		n, err := stdout.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		reported = append(reported, buf[:n]...)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(stdout)
	_ = cmd.Wait()
	return bytes.Count(append(reported, rest...), []byte("\n"))
}

// linesOf counts the lines of a process over all files, and checks that they are those from 0 on,
// each once.
func linesOf(t *testing.T, dir, name string) int {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[int]bool)
	for _, e := range entries {
		for line := range strings.Lines(read(t, filepath.Join(dir, e.Name()))) {
			fields := strings.Fields(line)
			if len(fields) == 0 || fields[0] != name {
				continue
			}
			i, err := strconv.Atoi(fields[1])
			if err != nil || seen[i] || (i%50 > 0) != (len(fields) == 3) {
				t.Fatalf("line is incomplete or a duplicate: %q", line)
			}
			seen[i] = true
		}
	}
	for i := range len(seen) {
		if !seen[i] {
			t.Fatalf("line %d of %s is missing", i, name)
		}
	}
	return len(seen)
}

func TestReopen(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an open file cannot be renamed on Windows")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	f := open(t, path, logfile.Options{})
	write(t, f, "a")
	if err := os.Rename(path, path+".old"); err != nil {
		t.Fatal(err)
	}
	write(t, f, "b") // To the renamed file, as logrotate expects.
	if err := f.Reopen(); err != nil {
		t.Fatal(err)
	}
	write(t, f, "c")
	if got, want := contents(t, dir), "app.log:c; app.log.old:a b"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestReopenOnHangup(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGHUP on Windows")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	f := open(t, path, logfile.Options{})
	f.ReopenOnHangup()
	f.ReopenOnHangup() // A second call has no effect.
	if err := os.Rename(path, path+".old"); err != nil {
		t.Fatal(err)
	}
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	for { // The signal is asynchronous; the test's own deadline bounds this loop.
		if _, err := os.Stat(path); err == nil {
			break
		}
		runtime.Gosched()
	}
	write(t, f, "c")
	if got := read(t, path); got != "c\n" {
		t.Errorf("got %q", got)
	}
}

// A deleted file is created again within about a second, with the lines written meanwhile.
func TestDeletedFileIsCreatedAgain(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an open file cannot be deleted on Windows")
	}
	dir := filepath.Join(t.TempDir(), "logs")
	path := filepath.Join(dir, "app.log")
	f := open(t, path, logfile.Options{})
	write(t, f, "before")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	n := 0
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); n++ {
		write(t, f, strconv.Itoa(n))
		if _, err := os.Stat(path); err == nil {
			break
		}
		<-time.After(5 * time.Millisecond)
	}
	lines := strings.Fields(read(t, path))
	if len(lines) < n {
		t.Fatalf("%d lines, want the %d that were written", len(lines), n+1)
	}
	for i, line := range lines[len(lines)-n-1:] {
		if line != strconv.Itoa(i) {
			t.Fatalf("line %d is %q", i, line)
		}
	}
}

// On a full disk, the first line and the reason go to the fallback, all lines are counted, and no
// half line precedes the next complete one.
func TestFullDisk(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("/dev/full exists only on Linux")
	}
	path := filepath.Join(t.TempDir(), "app.log")
	if err := os.Symlink("/dev/full", path); err != nil {
		t.Fatal(err)
	}
	var fallback bytes.Buffer
	f := open(t, path, logfile.Options{MaxSize: 10, Backups: 1, Fallback: &fallback})
	for i := range 3 {
		if _, err := fmt.Fprintf(f, "line %d\n", i); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("got %v", err)
		}
	}
	if got, want := fallback.String(), "logfile: write "+path+": no space left on device; this line and those after it are lost and counted until it can be written again: line 0\n"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if f.Lost() != 3 {
		t.Errorf("Lost() = %d, want 3", f.Lost())
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := f.Reopen(); err != nil {
		t.Fatal(err)
	}
	write(t, f, "back")
	if got := read(t, path); got != "back\n" || f.Lost() != 3 {
		t.Errorf("got %q, lost %d", got, f.Lost())
	}
}

// smallDisk returns a file system of 64 KiB.
func smallDisk(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("no small file system can be mounted (it takes root on Linux): %v: %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", dir).Run() })
	return dir
}

// A real file system becomes full and has space again later.
func TestFullFileSystem(t *testing.T) {
	dir := smallDisk(t)
	path := filepath.Join(dir, "app.log")
	big := filepath.Join(dir, "big")
	if err := os.WriteFile(big, make([]byte, 40<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	var fallback bytes.Buffer
	f, err := logfile.Open(path, &logfile.Options{Fallback: &fallback})
	if err != nil {
		t.Fatal(err)
	}
	line := strings.Repeat("x", 999) + "\n"
	wrote, lost := 0, 0
	for range 40 {
		if _, err := io.WriteString(f, line); err != nil {
			lost++
		} else {
			wrote++
		}
	}
	if lost == 0 || f.Lost() != uint64(lost) {
		t.Errorf("%d lines lost, %d counted as lost", lost, f.Lost())
	}
	if err := os.Remove(big); err != nil {
		t.Fatal(err)
	}
	write(t, f, "back")
	whole := 0
	for l := range strings.Lines(read(t, path)) {
		if l == line {
			whole++
		}
	}
	if text := read(t, path); whole != wrote || len(text) != wrote*len(line)+len("back\n") || !strings.HasSuffix(text, "\nback\n") {
		t.Errorf("%d whole lines of %d in %d bytes, and the end is %q", whole, wrote, len(text), text[len(text)-20:])
	}
	if want := fmt.Sprintf("is written again; %d lines were lost\n", lost); !strings.HasSuffix(fallback.String(), want) {
		t.Errorf("the fallback got %q, want %q at its end", fallback.String(), want)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// Half a line that a crash left does not corrupt the next one.
func TestTornLastLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	if err := os.WriteFile(path, []byte("a\nhal"), 0o600); err != nil {
		t.Fatal(err)
	}
	write(t, open(t, path, logfile.Options{}), "b")
	if got := read(t, path); got != "a\nhal\nb\n" {
		t.Errorf("got %q", got)
	}
}

func TestBadPaths(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, path string
		opts       *logfile.Options
		want       string
	}{
		{"empty", "", nil, "the path is empty"},
		{"directory", dir, nil, "is a directory"},
		{"below a file", filepath.Join(file, "app.log"), nil, "not a directory"},
		{"negative size", filepath.Join(dir, "x"), &logfile.Options{MaxSize: -1}, "must not be negative"},
		{"negative buffer", filepath.Join(dir, "x"), &logfile.Options{Buffer: -1}, "must not be negative"},
		{"negative interval", filepath.Join(dir, "x"), &logfile.Options{FlushInterval: -1}, "must not be negative"},
		{"negative number of backups", filepath.Join(dir, "x"), &logfile.Options{Backups: -1}, "must not be negative"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := logfile.Open(tt.path, tt.opts); err == nil || !strings.Contains(err.Error(), tt.want) && runtime.GOOS == "linux" {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no file modes")
	}
	dir := filepath.Join(t.TempDir(), "a", "b")
	open(t, filepath.Join(dir, "app.log"), logfile.Options{})
	for path, want := range map[string]os.FileMode{dir: 0o750, filepath.Join(dir, "app.log"): 0o640} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm()&^want != 0 {
			t.Errorf("%s has %v, %v, want at most %v", path, info.Mode().Perm(), err, want)
		}
	}
}

func TestClosed(t *testing.T) {
	f, err := logfile.Open(filepath.Join(t.TempDir(), "app.log"), &logfile.Options{Fallback: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := f.Write([]byte("a\n")); !errors.Is(err, os.ErrClosed) || f.Lost() != 1 {
		t.Errorf("got %v, lost %d", err, f.Lost())
	}
	if err := f.Reopen(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("got %v", err)
	}
	f.ReopenOnHangup()
	if n, err := f.Write(nil); n != 0 || err != nil {
		t.Errorf("empty Write returned %d, %v", n, err)
	}
}
