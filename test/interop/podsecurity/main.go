// Asks Kubernetes' own evaluator of pod security whether the pods of Deployments and StatefulSets are restricted.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

type workload struct {
	Kind     string
	Metadata struct{ Name string }
	Spec     struct{ Template corev1.PodTemplateSpec }
}

func main() {
	if err := check(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// check reads a JSON list of manifests.
func check(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var manifests []json.RawMessage
	if err := json.Unmarshal(text, &manifests); err != nil {
		return err
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return err
	}
	restricted := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	pods := 0
	for _, manifest := range manifests {
		var kind struct{ Kind string }
		if err := json.Unmarshal(manifest, &kind); err != nil {
			return err
		}
		if kind.Kind != "Deployment" && kind.Kind != "StatefulSet" {
			continue
		}
		var one workload
		if err := json.Unmarshal(manifest, &one); err != nil {
			return err
		}
		pods++
		template := one.Spec.Template
		if result := policy.AggregateCheckResults(evaluator.EvaluatePod(restricted, &template.ObjectMeta, &template.Spec)); !result.Allowed {
			return fmt.Errorf("%s: %s: %s", one.Metadata.Name, result.ForbiddenReason(), result.ForbiddenDetail())
		}
	}
	fmt.Printf("%d pods are restricted\n", pods)
	return nil
}
