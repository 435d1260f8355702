// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package tape_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/examples/voiceagent/tape"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/wav"
)

const ms = time.Millisecond

var pcm = otelvoice.AudioFormat{Codec: otelvoice.CodecPCM16, SampleRate: 8000, Channels: 1}

// tone is audio of one value.
func tone(f otelvoice.AudioFormat, d time.Duration, value int16) (data []byte) {
	for range int(d * time.Duration(f.SampleRate) / time.Second) {
		data = binary.LittleEndian.AppendUint16(data, uint16(value))
	}
	return data
}

// A span is a part of a channel, from and to in ms, whose samples are not 0.
type span struct{ from, to int }

// channels returns where the sides of a recording are not silent, and how long it is.
func channels(t *testing.T, file []byte) (user, agent []span, length time.Duration) {
	t.Helper()
	format, data, err := wav.Parse(file)
	if err != nil || format.SampleRate != tape.Rate || format.Channels != 2 {
		t.Fatalf("%+v, %v", format, err)
	}
	const perMS = tape.Rate / 1000
	for side, to := range []*[]span{&user, &agent} {
		open := -1
		n := len(data) / 4
		for i := 0; i <= n; i++ {
			loud := i < n && binary.LittleEndian.Uint16(data[4*i+2*side:]) != 0
			switch {
			case loud && open < 0:
				open = i
			case !loud && open >= 0:
				*to = append(*to, span{(open + perMS/2) / perMS, (i + perMS/2) / perMS})
				open = -1
			}
		}
	}
	return user, agent, format.Duration(len(data))
}

func TestTape(t *testing.T) {
	wait := func(d time.Duration) { <-time.After(d) }
	for _, tt := range []struct {
		name        string
		run         func(r *tape.Tape)
		user, agent []span
		length      time.Duration
	}{
		{"no audio", func(*tape.Tape) { wait(1500 * ms) }, nil, nil, 1500 * ms},
		{"no time", func(*tape.Tape) {}, nil, nil, 0},
		{"both sides, at the same time", func(r *tape.Tape) {
			wait(time.Second)
			r.Add(tape.User, pcm, tone(pcm, 500*ms, 1000), r.Start().Add(300*ms))
			r.Add(tape.Agent, pcm, tone(pcm, 500*ms, -1000), r.Start().Add(600*ms))
			wait(time.Second)
		}, []span{{300, 800}}, []span{{600, 1100}}, 2 * time.Second},
		{"pieces with a gap, and pieces without", func(r *tape.Tape) {
			for _, at := range []time.Duration{0, 100 * ms, 200 * ms, 350 * ms, 450 * ms} {
				r.Add(tape.Agent, pcm, tone(pcm, 100*ms, 1000), r.Start().Add(at))
			}
			wait(time.Second)
		}, nil, []span{{0, 300}, {350, 550}}, time.Second},
		{"pieces whose times are a little late do not drift", func(r *tape.Tape) {
			at := r.Start()
			for range 600 {
				r.Add(tape.Agent, pcm, tone(pcm, 100*ms, 1000), at.Add(200*time.Microsecond))
				wait(100 * ms)
				at = at.Add(100 * ms)
			}
		}, nil, []span{{0, 60_000}}, time.Minute},
		{"pieces that are handed over at once play one after the other", func(r *tape.Tape) {
			for range 3 {
				r.Add(tape.Agent, pcm, tone(pcm, 100*ms, 1000), time.Now())
			}
			wait(time.Second)
		}, nil, []span{{0, 300}}, time.Second},
		{"an interruption", func(r *tape.Tape) {
			r.Add(tape.Agent, pcm, tone(pcm, 500*ms, 1000), time.Now())
			wait(180 * ms)
			r.Cut(tape.Agent, time.Now())
			wait(120 * ms)
			r.Add(tape.Agent, pcm, tone(pcm, 100*ms, 1000), time.Now())
			wait(700 * ms)
		}, nil, []span{{0, 180}, {300, 400}}, time.Second},
		{"a cut of what was not added, and of what is over", func(r *tape.Tape) {
			r.Cut(tape.Agent, time.Now())
			r.Add(tape.Agent, pcm, tone(pcm, 100*ms, 1000), time.Now())
			wait(5 * time.Second)
			r.Cut(tape.Agent, time.Now())
			r.Cut(tape.User, r.Start().Add(time.Hour))
		}, nil, []span{{0, 100}}, 5 * time.Second},
		{"a long silence before speech", func(r *tape.Tape) {
			wait(time.Minute)
			r.Add(tape.User, pcm, tone(pcm, 100*ms, 1000), time.Now().Add(-100*ms))
		}, []span{{59_900, 60_000}}, nil, time.Minute},
		{"audio of too long ago", func(r *tape.Tape) {
			wait(10 * time.Second)
			r.Add(tape.User, pcm, tone(pcm, 100*ms, 1000), time.Now())
			r.Add(tape.Agent, pcm, tone(pcm, 3*time.Second, 1000), r.Start().Add(6*time.Second))
			wait(time.Second)
		}, []span{{10_000, 10_100}}, []span{{8000, 9000}}, 11 * time.Second},
		{"audio of long after", func(r *tape.Tape) {
			r.Add(tape.User, pcm, tone(pcm, 100*ms, 1000), time.Now().Add(time.Hour))
			wait(time.Second)
		}, nil, nil, time.Second},
		{"the end of a call cuts what was not heard yet", func(r *tape.Tape) {
			r.Add(tape.Agent, pcm, tone(pcm, time.Second, 1000), time.Now())
			wait(300 * ms)
		}, nil, []span{{0, 300}}, 300 * ms},
		{"other formats", func(r *tape.Tape) {
			wait(time.Second)
			r.Add(tape.User, otelvoice.AudioFormat{Codec: "opus", SampleRate: 48000}, []byte{1, 2, 3}, r.Start())
			r.Add(tape.User, otelvoice.AudioFormat{}, []byte{1, 2, 3}, r.Start())
			r.Add(tape.User, pcm, []byte{1}, r.Start())
			r.Add(tape.User, otelvoice.AudioFormat{Codec: otelvoice.CodecMuLaw, SampleRate: 8000, Channels: 1}, make([]byte, 800), r.Start())
			r.Add(tape.User, otelvoice.AudioFormat{Codec: otelvoice.CodecALaw, SampleRate: 8000}, make([]byte, 800), r.Start().Add(500*ms))
			stereo := otelvoice.AudioFormat{Codec: otelvoice.CodecPCM16, SampleRate: 48000, Channels: 2}
			r.Add(tape.Agent, stereo, bytes.Repeat([]byte{0, 16, 0, 0}, 4800), r.Start())
		}, []span{{0, 100}, {500, 600}}, []span{{0, 100}}, time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				file, err := os.Create(filepath.Join(t.TempDir(), "call.wav"))
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = file.Close() }()
				r, err := tape.New(file)
				if err != nil {
					t.Fatal(err)
				}
				tt.run(r)
				if err := r.Close(); err != nil {
					t.Fatal(err)
				}
				if err := r.Close(); err != nil {
					t.Errorf("the second Close: %v", err)
				}
				r.Add(tape.User, pcm, tone(pcm, ms, 1), time.Now())
				data, err := os.ReadFile(file.Name())
				if err != nil {
					t.Fatal(err)
				}
				user, agent, length := channels(t, data)
				if !equal(user, tt.user) || !equal(agent, tt.agent) || length != tt.length {
					t.Errorf("\ngot  %v %v %v\nwant %v %v %v", user, agent, length, tt.user, tt.agent, tt.length)
				}
				if size := binary.LittleEndian.Uint32(data[40:]); int(size) != len(data)-44 {
					t.Errorf("the header says %d bytes of %d", size, len(data)-44)
				}
			})
		})
	}
}

func equal(a, b []span) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// The file of a killed process has all but the newest seconds.
func TestFileOfAKilledProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file, err := os.Create(filepath.Join(t.TempDir(), "call.wav"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = file.Close() }()
		r, err := tape.New(file)
		if err != nil {
			t.Fatal(err)
		}
		for range 100 {
			r.Add(tape.Agent, pcm, tone(pcm, 100*ms, 1000), time.Now())
			<-time.After(100 * ms)
		}
		data, err := os.ReadFile(file.Name())
		if err != nil {
			t.Fatal(err)
		}
		_, agent, length := channels(t, data)
		if length < 7*time.Second || len(agent) != 1 || agent[0].from != 0 || agent[0].to != int(length.Milliseconds()) {
			t.Errorf("%v of %v", agent, length)
		}
	})
}

// A disk that is full ends the recording, and not the call.
func TestDiskFull(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer func() { _ = full.Close() }()
	if _, err := tape.New(full); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("New: got %v, want %v", err, syscall.ENOSPC)
	}
	synctest.Test(t, func(t *testing.T) {
		disk := &disk{left: 200_000} // A second is 96,000 bytes.
		r, err := tape.New(disk)
		if err != nil {
			t.Fatal(err)
		}
		for range 100 {
			r.Add(tape.User, pcm, tone(pcm, 100*ms, 1000), time.Now())
			<-time.After(100 * ms)
		}
		r.Cut(tape.User, time.Now())
		if err := r.Close(); !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "the recording is incomplete") {
			t.Errorf("Close: got %v, want %v", err, syscall.ENOSPC)
		}
		if disk.failed != 1 {
			t.Errorf("%d writes failed, want one", disk.failed)
		}
	})
}

// disk is a disk with little space.
type disk struct{ left, failed int }

func (d *disk) Write(p []byte) (int, error) {
	if len(p) > d.left {
		d.failed++
		return 0, syscall.ENOSPC
	}
	d.left -= len(p)
	return len(p), nil
}

func (d *disk) Seek(int64, int) (int64, error) { return 0, nil }

func TestNoTape(t *testing.T) {
	var r *tape.Tape
	r.Add(tape.User, pcm, tone(pcm, ms, 1), time.Now())
	r.Cut(tape.User, time.Now())
	if err := r.Close(); err != nil || !r.Start().IsZero() {
		t.Errorf("%v, %v", err, r.Start())
	}
}

// A cut that comes after the end of a recording, or after its disk was full, does nothing.
func TestCutTooLate(t *testing.T) {
	for name, left := range map[string]int{"after Close": 1 << 30, "after the disk was full": 100} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, err := tape.New(&disk{left: left})
				if err != nil {
					t.Fatal(err)
				}
				r.Add(tape.User, pcm, tone(pcm, time.Second, 1000), time.Now())
				_ = r.Close()
				r.Cut(tape.User, r.Start())
			})
		})
	}
}

func TestConcurrentSafe(t *testing.T) {
	r, err := tape.New(&disk{left: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	var sides sync.WaitGroup
	for _, side := range []tape.Side{tape.User, tape.Agent} {
		sides.Go(func() {
			for range 200 {
				r.Add(side, pcm, tone(pcm, 10*ms, 1000), time.Now())
				r.Cut(side, time.Now())
			}
		})
	}
	sides.Go(func() { _ = r.Close() })
	sides.Wait()
}

// The memory of a recording does not depend on its length.
func TestMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, err := tape.New(discard{})
		if err != nil {
			t.Fatal(err)
		}
		data := tone(pcm, 100*ms, 1000)
		grows := testing.AllocsPerRun(3000, func() {
			r.Add(tape.User, pcm, data, time.Now())
			<-time.After(100 * ms)
		})
		if grows > 10 {
			t.Errorf("%v allocations for a frame", grows)
		}
	})
}

type discard struct{}

func (discard) Write(p []byte) (int, error)    { return len(p), nil }
func (discard) Seek(int64, int) (int64, error) { return 0, nil }

var _ io.WriteSeeker = discard{}
