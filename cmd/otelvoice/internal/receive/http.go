// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package receive

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/otlpdata"
)

// The media types of OTLP over HTTP.
const (
	inProtobuf = "application/x-protobuf"
	inJSON     = "application/json"
)

// A reader reads a request of a signal. isJSON says in which form it is.
type reader func(body []byte, isJSON bool) (*signal.Batch, error)

// readerOf returns the reader of a path, or nil.
func readerOf(path string) reader {
	switch path {
	case "/v1/traces":
		return readTraces
	case "/v1/logs":
		return readLogs
	case "/v1/metrics":
		return readMetrics
	}
	return nil
}

func readTraces(body []byte, isJSON bool) (*signal.Batch, error) {
	request := ptraceotlp.NewExportRequest()
	if err := unmarshal(body, isJSON, request.UnmarshalProto, request.UnmarshalJSON); err != nil {
		return nil, err
	}
	return otlpdata.Traces(request.Traces()), nil
}

func readLogs(body []byte, isJSON bool) (*signal.Batch, error) {
	request := plogotlp.NewExportRequest()
	if err := unmarshal(body, isJSON, request.UnmarshalProto, request.UnmarshalJSON); err != nil {
		return nil, err
	}
	return otlpdata.Logs(request.Logs()), nil
}

func readMetrics(body []byte, isJSON bool) (*signal.Batch, error) {
	request := pmetricotlp.NewExportRequest()
	if err := unmarshal(body, isJSON, request.UnmarshalProto, request.UnmarshalJSON); err != nil {
		return nil, err
	}
	return otlpdata.Metrics(request.Metrics()), nil
}

func unmarshal(body []byte, isJSON bool, fromProto, fromJSON func([]byte) error) (err error) {
	defer func() {
		if v := recover(); v != nil { // Bytes of strangers must not end the program.
			err = fmt.Errorf("panic in the decoder: %v", v)
		}
	}()
	if isJSON {
		return fromJSON(body)
	}
	return fromProto(body)
}

// ServeHTTP receives a request over HTTP.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	read := readerOf(req.URL.Path)
	if read == nil {
		http.Error(w, "telemetry is received at /v1/traces, /v1/logs and /v1/metrics", http.StatusNotFound)
		return
	}
	if req.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "telemetry is sent with POST", http.StatusMethodNotAllowed)
		return
	}
	form, _, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if err != nil || form != inProtobuf && form != inJSON {
		r.counts.malformed.Add(1)
		http.Error(w, "the Content-Type is not "+inProtobuf+" or "+inJSON, http.StatusUnsupportedMediaType)
		return
	}
	if !r.isAllowed(req.Header.Get("Authorization")) {
		r.answer(w, form, http.StatusUnauthorized, codes.Unauthenticated, "the token is missing or wrong")
		return
	}
	held := &holding{of: r}
	defer held.release()
	body, err := r.bodyOf(w, req, held) // Before a slot is taken: a sender that stops delays no other.
	if err != nil {
		r.refuse(w, form, err)
		return
	}
	if err := r.enter(req.Context()); err != nil {
		return // The sender is gone.
	}
	defer r.leave()
	if body, err = decompress(body, req.Header.Get("Content-Encoding"), held); err != nil {
		r.refuse(w, form, err)
		return
	}
	batch, err := read(body, form == inJSON)
	if err != nil {
		r.counts.malformed.Add(1)
		r.answer(w, form, http.StatusBadRequest, codes.InvalidArgument, "the request is not OTLP: "+err.Error())
		return
	}
	if err := r.take(req.Context(), batch); err != nil {
		w.Header().Set("Retry-After", "1")
		r.answer(w, form, http.StatusServiceUnavailable, codes.Unavailable, err.Error())
		return
	}
	w.Header().Set("Content-Type", form)
	if form == inJSON {
		_, _ = io.WriteString(w, "{}")
	}
}

// isAllowed reports whether the value of an Authorization header has the token.
func (r *Receiver) isAllowed(authorization string) bool {
	if r.token == "" {
		return true
	}
	got, ok := strings.CutPrefix(authorization, "Bearer ")
	return ok && subtle.ConstantTimeCompare([]byte(got), []byte(r.token)) == 1
}

// answer answers with a status of gRPC in the form of the request, as the protocol demands.
func (r *Receiver) answer(w http.ResponseWriter, form string, code int, grpcCode codes.Code, message string) {
	w.Header().Set("Content-Type", form)
	w.WriteHeader(code)
	message = strings.ToValidUTF8(message, "\uFFFD")
	if form == inJSON {
		_ = json.NewEncoder(w).Encode(map[string]any{"code": int(grpcCode), "message": message})
		return
	}
	text, err := proto.Marshal(&status.Status{Code: int32(grpcCode), Message: message}) // #nosec G115 -- codes are small.
	if err == nil {
		_, _ = w.Write(text)
	}
}
