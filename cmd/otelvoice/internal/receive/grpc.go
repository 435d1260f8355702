// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package receive

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
)

// inGRPC is the media type of gRPC. The suffix "+proto" may follow.
const inGRPC = "application/grpc"

// messageHead is the size of what is before a message: one byte that says whether it is compressed, and its length.
const messageHead = 5

// readerOfMethod returns the reader of a method of gRPC, or nil.
func readerOfMethod(path string) reader {
	const service = "/opentelemetry.proto.collector."
	switch path {
	case service + "trace.v1.TraceService/Export":
		return readTraces
	case service + "logs.v1.LogsService/Export":
		return readLogs
	case service + "metrics.v1.MetricsService/Export":
		return readMetrics
	}
	return nil
}

// serveGRPC receives a request over gRPC: see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md.
func (r *Receiver) serveGRPC(w http.ResponseWriter, req *http.Request) {
	if req.ProtoMajor < 2 || req.Method != http.MethodPost {
		r.counts.malformed.Add(1)
		http.Error(w, "gRPC is received with POST over HTTP/2", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", inGRPC)
	w.Header().Set("Grpc-Accept-Encoding", strings.Join([]string{identity, inGzip, inZstd}, ","))
	read := readerOfMethod(req.URL.Path)
	if read == nil {
		refuseGRPC(w, verdict{grpc: codes.Unimplemented, message: fmt.Sprintf("no such method: %.100q", req.URL.Path)})
		return
	}
	held := &holding{of: r}
	defer held.release()
	err := errToken
	if r.isAllowed(req.Header.Get("Authorization")) {
		var message []byte
		var encoding string
		if message, encoding, err = r.messageOf(w, req, held); err == nil { // As over HTTP, before a slot is taken.
			err = r.receive(req.Context(), message, encoding, func(body []byte) (*signal.Batch, error) { return read(body, false) }, held)
		}
	}
	if err != nil {
		r.count(err)
		refuseGRPC(w, verdictOf(err))
		return
	}
	w.Header().Set(http.TrailerPrefix+"Grpc-Status", "0")
	_, _ = w.Write(make([]byte, messageHead)) // The answer has no field.
}

// messageOf returns the message of a request as it was sent, and its compression.
func (r *Receiver) messageOf(w http.ResponseWriter, req *http.Request, held *holding) (message []byte, encoding string, err error) {
	connection := http.NewResponseController(w)
	_ = connection.SetReadDeadline(time.Now().Add(r.bodyTime))
	defer func() { _ = connection.SetReadDeadline(time.Time{}) }() // It would end the request while it waits for its turn.
	var head [messageHead]byte
	if _, err := io.ReadFull(req.Body, head[:]); err != nil {
		return nil, "", errMessage(err)
	}
	length := int64(binary.BigEndian.Uint32(head[1:]))
	if length > MaxRequest {
		return nil, "", errLong
	}
	// One byte more, so that the end of the request is read. A second message is none of these methods.
	if message, err = held.read(io.LimitReader(req.Body, length+1)); err != nil {
		return nil, "", errMessage(err)
	}
	if int64(len(message)) != length {
		return nil, "", fmt.Errorf("the request has not one message of %d bytes", length)
	}
	if head[0] != 0 {
		encoding = req.Header.Get("Grpc-Encoding")
	}
	return message, encoding, nil
}

// errMessage returns the error of a request that ends before its message does.
func errMessage(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the request ends within the message")
	}
	return err
}

// refuseGRPC answers with a status alone.
func refuseGRPC(w http.ResponseWriter, v verdict) {
	h := w.Header()
	h.Set("Grpc-Status", strconv.Itoa(int(v.grpc)))
	h.Set("Grpc-Message", percentEncoded(v.message))
	if text, err := proto.Marshal(v.status()); err == nil && v.isAgain {
		h.Set("Grpc-Status-Details-Bin", base64.RawStdEncoding.EncodeToString(text))
	}
	w.WriteHeader(http.StatusOK)
}

// percentEncoded returns a text as gRPC has it in a header: bytes that are not printable ASCII, and the percent sign, are
// encoded.
func percentEncoded(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '%' {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
