package main

import (
	"encoding/json"
	"time"

	"yurt-ssh-standin/internal/kubeapi"
)

type metadata struct {
	Namespace, Name, UID, ResourceVersion string
	CreationTimestamp                     time.Time
	Labels, Annotations                   map[string]string
}

type node struct {
	Metadata metadata
	Spec     struct {
		Taints        []taint
		Unschedulable bool
	}
	Status struct{ Conditions []condition }
}

type taint struct {
	Key       string `json:"key"`
	Value     string `json:"value,omitempty"`
	Effect    string `json:"effect"`
	TimeAdded string `json:"timeAdded,omitempty"`
}

type condition struct {
	Type               string `json:"type"`
	Status             string `json:"status"`
	Reason             string `json:"reason"`
	Message            string `json:"message"`
	LastHeartbeatTime  string `json:"lastHeartbeatTime"`
	LastTransitionTime string `json:"lastTransitionTime"`
}

type toleration struct {
	Key, Operator, Value, Effect string
	TolerationSeconds            *int64
}

type podFields struct {
	Metadata metadata
	Spec     struct {
		NodeName    string
		Tolerations []toleration
	}
}

// pod is what the controller reads of a pod, with all of it in raw for a status update.
type pod struct {
	podFields
	raw kubeapi.Object
}

// UnmarshalJSON decodes both.
func (p *pod) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, &p.podFields); err != nil {
		return err
	}
	return json.Unmarshal(data, &p.raw)
}

func (p *pod) key() string { return p.Metadata.Namespace + "/" + p.Metadata.Name }

type lease struct {
	Metadata metadata
	Spec     struct{ RenewTime time.Time }
}

func (n *node) condition(kind string) *condition {
	for i := range n.Status.Conditions {
		if n.Status.Conditions[i].Type == kind {
			return &n.Status.Conditions[i]
		}
	}
	return nil
}

const (
	notReady    = "node.kubernetes.io/not-ready"
	unreachable = "node.kubernetes.io/unreachable"
	noExecute   = "NoExecute"
	noSchedule  = "NoSchedule"
	autonomy    = "node.beta.openyurt.io/autonomy"
)

func (n *node) autonomous() bool { return n.Metadata.Annotations[autonomy] == "true" }

func (n *node) hasTaint(key, effect string) bool {
	for _, t := range n.Spec.Taints {
		if t.Key == key && t.Effect == effect {
			return true
		}
	}
	return false
}

func (n *node) taintsOf(effect string) []taint {
	var found []taint
	for _, t := range n.Spec.Taints {
		if t.Effect == effect {
			found = append(found, t)
		}
	}
	return found
}

// zone is the part of the cluster the node's failures are counted in.
func (n *node) zone() string {
	label := func(names ...string) string {
		for _, name := range names {
			if value := n.Metadata.Labels[name]; value != "" {
				return value
			}
		}
		return ""
	}
	return label("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region") + ":" +
		label("failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone")
}
