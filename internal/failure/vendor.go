// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package failure

// Error types of SDKs are not imported here. They are recognized by the names of their fields and
// methods. To give the errors of another SDK a class, add its name to one of these lists and a row to
// TestTypeOfVendorErrors.
//
// The first three lists are in lower case and without underscores. A method may also be named with Get:
// StatusCode, GetStatusCode, HTTP_Status_Code.
var (
	// statusNames are fields and methods with an HTTP status, as a number or a text.
	statusNames = [...]string{
		"statuscode", "httpstatuscode", "httpstatus", "httpcode", "status", "responsecode", "responsestatus", "responsestatuscode",
	}
	// codeNames are fields and methods with an HTTP status, a gRPC code or a WebSocket close code.
	// They are read after statusNames, because vendors have codes of their own.
	codeNames = [...]string{"code", "errorcode", "closecode"}
	// responseNames are fields with a struct that contains a status or a code: the response, or its
	// decoded body.
	responseNames = [...]string{
		"response", "resp", "res", "httpresponse", "rawresponse", "error", "err", "apierror", "body", "detail", "inner",
	}
	// causeNames are exported fields with the cause of an error that has no Unwrap method. Case matters.
	causeNames = [...]string{"Err", "Inner", "Cause", "Original", "Underlying", "Wrapped"}
)

// wrapperPackages are packages whose error types wrap any error. The name of such a type is no class.
var wrapperPackages = [...]string{
	"errors", "fmt", "golang.org/x/xerrors",
	"github.com/pkg/errors", "github.com/go-errors/errors", "github.com/cockroachdb/errors", "github.com/rotisserie/eris",
	"github.com/samber/oops", "github.com/hashicorp/go-multierror", "go.uber.org/multierr",
	"github.com/cenkalti/backoff", "github.com/avast/retry-go",
}
