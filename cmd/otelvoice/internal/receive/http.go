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
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
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
	return recovered(func() (*signal.Batch, error) {
		if isJSON {
			return otlpdata.TracesJSON(body)
		}
		request := ptraceotlp.NewExportRequest()
		err := request.UnmarshalProto(body)
		return otlpdata.Traces(request.Traces()), err
	})
}

func readLogs(body []byte, isJSON bool) (*signal.Batch, error) {
	return recovered(func() (*signal.Batch, error) {
		if isJSON {
			return otlpdata.LogsJSON(body)
		}
		request := plogotlp.NewExportRequest()
		err := request.UnmarshalProto(body)
		return otlpdata.Logs(request.Logs()), err
	})
}

func readMetrics(body []byte, isJSON bool) (*signal.Batch, error) {
	return recovered(func() (*signal.Batch, error) {
		if isJSON {
			return otlpdata.MetricsJSON(body)
		}
		request := pmetricotlp.NewExportRequest()
		err := request.UnmarshalProto(body)
		return otlpdata.Metrics(request.Metrics()), err
	})
}

// recovered makes an error of a panic: bytes of strangers must not end the program.
func recovered(read func() (*signal.Batch, error)) (batch *signal.Batch, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic in the decoder: %v", v)
		}
	}()
	return read()
}

// ServeHTTP receives a request over HTTP, or one of gRPC.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	form, _, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if err == nil && (form == inGRPC || form == inGRPC+"+proto") {
		r.serveGRPC(w, req)
		return
	}
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
	if err != nil || form != inProtobuf && form != inJSON {
		r.counts.malformed.Add(1)
		http.Error(w, "the Content-Type is not "+inProtobuf+" or "+inJSON, http.StatusUnsupportedMediaType)
		return
	}
	held := &holding{of: r}
	defer held.release()
	err = errToken
	if r.isAllowed(req.Header.Get("Authorization")) {
		var body []byte
		if body, err = r.bodyOf(w, req, held); err == nil { // Before a slot is taken: a sender that stops delays no other.
			err = r.receive(req.Context(), body, req.Header.Get("Content-Encoding"), func(body []byte) (*signal.Batch, error) { return read(body, form == inJSON) }, held)
		}
	}
	if err != nil {
		r.count(err)
		refuse(w, form, verdictOf(err))
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

// refuse answers with a status of gRPC in the form of the request, as the protocol demands.
func refuse(w http.ResponseWriter, form string, v verdict) {
	w.Header().Set("Content-Type", form)
	if v.isAgain {
		w.Header().Set("Retry-After", strconv.Itoa(int(againAfter.Seconds())))
	}
	w.WriteHeader(v.code)
	if form == inJSON {
		_ = json.NewEncoder(w).Encode(map[string]any{"code": int(v.grpc), "message": v.message})
		return
	}
	if text, err := proto.Marshal(v.status()); err == nil {
		_, _ = w.Write(text) // #nosec G705 -- the content type is that of protobuf.
	}
}
