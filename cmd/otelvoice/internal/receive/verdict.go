// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package receive

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
)

var (
	errLong     = fmt.Errorf("the request has more than %d bytes", MaxRequest)
	errAgain    = errors.New("send the request again")
	errBusy     = fmt.Errorf("%w: too many are being received", errAgain)
	errEncoding = errors.New("the encoding is not gzip or zstd")
	errNotOTLP  = errors.New("the request is not OTLP")
	errToken    = errors.New("the token is missing or wrong")
)

// againAfter is when a sender is asked to send a request again.
const againAfter = time.Second

// A verdict is the answer to a request that was not taken.
type verdict struct {
	code    int // Of HTTP.
	grpc    codes.Code
	message string
	isAgain bool // The sender is asked to send the request again.
}

// verdictOf returns the answer for an error.
func verdictOf(err error) verdict {
	v := verdict{http.StatusBadRequest, codes.InvalidArgument, err.Error(), false}
	switch {
	case errors.Is(err, errAgain):
		v.code, v.grpc, v.isAgain = http.StatusServiceUnavailable, codes.Unavailable, true
	case errors.Is(err, errToken):
		v.code, v.grpc = http.StatusUnauthorized, codes.Unauthenticated
	case errors.Is(err, errLong):
		v.code, v.grpc = http.StatusRequestEntityTooLarge, codes.ResourceExhausted
	case errors.Is(err, errEncoding):
		v.code, v.grpc = http.StatusUnsupportedMediaType, codes.Unimplemented
	case errors.Is(err, os.ErrDeadlineExceeded):
		v.code, v.grpc, v.message = http.StatusRequestTimeout, codes.DeadlineExceeded, "the request did not come in time"
	case !errors.Is(err, errNotOTLP):
		v.message = "read the request: " + v.message
	}
	v.message = strings.ToValidUTF8(v.message, "\uFFFD")
	return v
}

// status returns the answer as a status of gRPC, with RetryInfo if the request may be sent again.
func (v *verdict) status() *status.Status {
	s := &status.Status{Code: int32(v.grpc), Message: v.message} // #nosec G115 -- codes are small.
	if v.isAgain {
		if hint, err := anypb.New(&errdetails.RetryInfo{RetryDelay: durationpb.New(againAfter)}); err == nil {
			s.Details = append(s.Details, hint)
		}
	}
	return s
}

// count counts a request that was not taken, unless its sender has no token or is gone.
func (r *Receiver) count(err error) {
	switch {
	case errors.Is(err, errAgain):
		r.counts.refused.Add(1)
	case !errors.Is(err, errToken) && !errors.Is(err, context.Canceled):
		r.counts.malformed.Add(1)
	}
}
