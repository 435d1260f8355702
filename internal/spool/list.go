// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// Segment is a file of waiting requests.
type Segment struct {
	Name     string
	Signal   segment.Signal
	Requests int       // Requests that were not delivered.
	Items    int       // Spans, metric points or log records in them.
	Bytes    int64     // Size of the file, including delivered requests.
	Oldest   time.Time // When the oldest request was written; zero if there is none.
	Damaged  int       // Items that cannot be read, or that are being written.
}

// Segments returns the segments in a directory, the oldest of each signal first. It only reads the
// files: services may use the directory at the same time. It fails if the directory does not exist.
func Segments(dir string) ([]Segment, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	var all []Segment
	var errs []error
	for _, e := range entries {
		prefix, _, _ := strings.Cut(e.Name(), "-")
		signal := segment.Signal(prefix)
		if signal != segment.Traces && signal != segment.Metrics && signal != segment.Logs || !strings.HasSuffix(e.Name(), segment.SegmentSuffix) {
			continue
		}
		s, err := describeSegment(filepath.Join(dir, e.Name()), signal)
		switch {
		case errors.Is(err, fs.ErrNotExist): // It was delivered.
		case err != nil:
			errs = append(errs, fmt.Errorf("spool: %w", err))
		default:
			all = append(all, s)
		}
	}
	return all, errors.Join(errs...)
}

func describeSegment(path string, signal segment.Signal) (Segment, error) {
	f, info, err := segment.OpenRegular(path, os.O_RDONLY, segment.MaxSegment)
	if err != nil {
		return Segment{}, err
	}
	defer f.Close()
	s := Segment{Name: filepath.Base(path), Signal: signal, Bytes: info.Size()}
	for from := int64(segment.FileStart); from > 0; {
		records, damaged, resume, err := segment.ScanSegment(f, info.Size(), signal, from)
		if err != nil {
			return Segment{}, fmt.Errorf("%s: %w", path, err)
		}
		s.Damaged += damaged
		s.Requests += len(records)
		for _, r := range records {
			s.Items += r.Items
			if s.Oldest.IsZero() || r.At.Before(s.Oldest) {
				s.Oldest = r.At
			}
		}
		from = resume
	}
	return s, nil
}
