// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package call

import "cmp"

// KnownName returns the name of the agent, or else that of its service; "" is unknown.
func (a *Agent) KnownName() string { return cmp.Or(a.Name, a.Service) }

// KnownVersion returns the version of the agent, or else that of its service; "" is unknown.
func (a *Agent) KnownVersion() string { return cmp.Or(a.Version, a.ServiceVersion) }
