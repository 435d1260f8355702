// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package telemetryfile

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/otlpdata"
	"github.com/voice-agents/telemetry/exporters/spool"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

var (
	errEmpty      = errors.New("no segments of a spool in the directory")
	errCutRequest = errors.New("the file ends within the request")
)

// spool reads the segments in a directory. A service may be writing and delivering them.
func (r *Reader) spool(ctx context.Context, dir string) error {
	segments, err := spool.Segments(dir)
	if err != nil {
		return err
	}
	if len(segments) == 0 {
		return fmt.Errorf("%s: %w", dir, errEmpty)
	}
	for _, s := range segments {
		err := r.Read(ctx, filepath.Join(dir, s.Name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // It was delivered meanwhile.
			return err
		}
	}
	return nil
}

// segmentSignal returns the signal of a segment of a spool.
func segmentSignal(file io.ReaderAt) (segment.Signal, bool) {
	start := make([]byte, segment.FileStart)
	if _, err := file.ReadAt(start, 0); err != nil {
		return "", false
	}
	for _, s := range []segment.Signal{segment.Traces, segment.Logs, segment.Metrics} {
		if bytes.Equal(segment.Start(s), start) {
			return s, true
		}
	}
	return "", false
}

// segment reads the requests of a segment that were not delivered.
func (r *Reader) segment(ctx context.Context, name string, file *os.File, size int64, of segment.Signal) error {
	source := &segment.Segment{Path: name, File: file, Size: size}
	before := r.Broken
	for from := int64(segment.FileStart); from > 0; {
		found, damaged, resume, err := segment.ScanSegment(file, size, of, from)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if damaged > 0 {
			r.broken(name, r.Lines+1, fmt.Errorf("%d damaged items", damaged))
		}
		for _, f := range found {
			if err := ctx.Err(); err != nil {
				return err
			}
			r.Lines++
			request, _, err := source.Load(&segment.Entry{Found: f}, &segment.Buffers{})
			if err == nil {
				request, err = request.Unpacked()
			}
			var batch *signal.Batch
			if err == nil {
				batch, err = decode(request.Payload, of)
			}
			if err != nil {
				r.broken(name, r.Lines, err)
				continue
			}
			if err := r.take(batch); err != nil {
				return err
			}
		}
		from = resume
	}
	if endsWithinRequest(file, size) {
		r.Cut = true
		if r.Broken == before { // So little of the request is there that its items are not known.
			r.broken(name, r.Lines+1, errCutRequest)
		}
	}
	return nil
}

// endsWithinRequest reports whether a segment is cut. A damaged request hides where those behind it begin.
func endsWithinRequest(file io.ReaderAt, size int64) bool {
	head := make([]byte, segment.HeaderSize)
	at := int64(segment.FileStart)
	for at < size {
		n, err := file.ReadAt(head, at)
		switch {
		case n < len(head):
			return errors.Is(err, io.EOF)
		case !bytes.HasPrefix(head, segment.Marker):
			return false
		}
		at += segment.HeaderSize + int64(binary.LittleEndian.Uint32(head[segment.LengthAt:]))
	}
	return at > size
}

// decode reads a request of OTLP as it is on the wire.
func decode(payload []byte, of segment.Signal) (*signal.Batch, error) {
	switch of {
	case segment.Traces:
		request := ptraceotlp.NewExportRequest()
		err := request.UnmarshalProto(payload)
		return otlpdata.Traces(request.Traces()), err
	case segment.Logs:
		request := plogotlp.NewExportRequest()
		err := request.UnmarshalProto(payload)
		return otlpdata.Logs(request.Logs()), err
	case segment.Metrics:
		request := pmetricotlp.NewExportRequest()
		err := request.UnmarshalProto(payload)
		return otlpdata.Metrics(request.Metrics()), err
	}
	return nil, fmt.Errorf("a request of the signal %q", of)
}
