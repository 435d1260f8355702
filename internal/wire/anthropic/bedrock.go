// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package anthropic

import (
	"net/http"
	"strings"
)

// bedrockError returns the class of an error of Bedrock, which is in a header:
// "ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/".
func bedrockError(h http.Header) string {
	class, _, _ := strings.Cut(h.Get("X-Amzn-Errortype"), ":")
	return class
}
