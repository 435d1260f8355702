// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package telemetryfile

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// lengthSize is the size of the length that is before each message.
const lengthSize = 4

var (
	zstdStart     = []byte{0x28, 0xB5, 0x2F, 0xFD}
	errNotRequest = errors.New("neither spans nor log records nor metrics")
)

// hasMessages reports whether a stream has messages with a length before each, as the Collector's file exporter writes
// them with the format proto, or with a compression. A message is a request in protobuf, whose first field has the number
// 1, or one in JSON. Both may be compressed with zstd. Text does not begin with such a length.
func hasMessages(in *bufio.Reader) bool {
	start, _ := in.Peek(lengthSize + len(zstdStart))
	if len(start) <= lengthSize {
		return false
	}
	length, message := binary.BigEndian.Uint32(start), start[lengthSize:]
	return length > 0 && length <= maxLine && (message[0] == 0x0A || message[0] == '{' || bytes.Equal(message, zstdStart))
}

// messages reads messages with a length before each.
func (r *Reader) messages(name string, in io.Reader) error {
	unzipped, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxLine))
	if err != nil {
		return err
	}
	defer unzipped.Close()
	var message bytes.Buffer
	for {
		var length [lengthSize]byte
		if _, err := io.ReadFull(in, length[:]); err == io.EOF {
			return nil
		} else if err != nil {
			return r.endOfMessages(name, err)
		}
		r.Lines++
		n := binary.BigEndian.Uint32(length[:])
		if n > maxLine {
			r.broken(name, r.Lines, fmt.Errorf("a request of %d bytes: what is behind it is not read", n))
			return nil
		}
		message.Reset()
		if _, err := io.CopyN(&message, in, int64(n)); err != nil {
			return r.endOfMessages(name, err)
		}
		batch, err := readMessage(message.Bytes(), unzipped)
		if err != nil {
			r.broken(name, r.Lines, err)
			continue
		}
		if err := r.take(batch); err != nil {
			return err
		}
	}
}

// endOfMessages notes that a file ends within a message. Other errors are those of the file.
func (r *Reader) endOfMessages(name string, err error) error {
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("request %d: %w", r.Lines, err)
	}
	r.Cut = true
	r.broken(name, r.Lines, errCutRequest)
	return nil
}

func readMessage(message []byte, unzipped *zstd.Decoder) (*signal.Batch, error) {
	if bytes.HasPrefix(message, zstdStart) {
		var err error
		if message, err = unzipped.DecodeAll(message, nil); err != nil {
			return nil, fmt.Errorf("decompress the request: %w", err)
		}
	}
	if bytes.HasPrefix(message, []byte("{")) {
		batch, kind, err := Line(message)
		if err == nil && kind == Text {
			err = errNotRequest
		}
		return batch, err
	}
	return readRequest(message)
}

// readRequest reads a request in protobuf whose signal is unknown. The types of the first fields of spans, log records
// and metrics differ, so that it is of the first signal as which it can be read.
func readRequest(message []byte) (*signal.Batch, error) {
	for _, of := range []segment.Signal{segment.Traces, segment.Logs, segment.Metrics} {
		if batch, err := decode(message, of); err == nil && isWhole(batch) {
			return batch, nil
		}
	}
	return nil, errNotRequest
}

// isWhole reports whether each span has its ID. What was read as a span, and is a metric, has none.
func isWhole(batch *signal.Batch) bool {
	for _, s := range batch.Spans {
		if !s.SpanID.IsValid() || !s.TraceID.IsValid() {
			return false
		}
	}
	return true
}
