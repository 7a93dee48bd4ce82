#!/usr/bin/env bash
# Deploys Cordon to Azure, each step shown before it is done. Run it again for every change: what is there stays.
#
#   CORDON_STAGE=staging CORDON_LOCATION=westeurope CORDON_GROUP=rg-cordon-staging \
#   CORDON_MANAGEMENT_GROUP=mg-landing-zones CORDON_SUBSCRIPTIONS="<id> <id>" \
#   CORDON_ALERT_EMAILS='["secops@example.com"]' CORDON_API_AUDIENCE=<client id> \
#     functions/azure/deploy/deploy.sh
#
# Also: CORDON_ENFORCE=true for a stage that may change things; CORDON_RELAY=true; CORDON_ALWAYS_READY=1;
# CORDON_SIGNALS=true for a hub that Entra, the Activity Log and Defender XDR send to; CORDON_OUTCOMES=true for a topic
# of how runs end. Both clouds (functions/deploy.md): CORDON_FORWARD_TO=event-bus:<ARN> where AWS is the home;
# CORDON_AWS='{"role":…,"audience":…,"region":…,"sourceIdentity":…}' to go into AWS from here;
# CORDON_FROM_AWS='{"issuer":…,"roles":"arn:aws:iam::<account>:role/cordon-<stage>"}' to come here from AWS.
# CORDON_LOCK_EVIDENCE=yes locks the retention of evidence for good: it can be made longer (`az storage container
# immutability-policy extend`), and never shorter. CORDON_CONFIG names the settings where they are not in cordon.yaml.
# It ends with 2 where settings are missing or do not go together, and says which: the ids of Cordon's identities are
# known after the first step, so the first time it stops there, with the lines that cordon.yaml needs.
# Needs Owner on the management group and on the subscription of the resource group, and Privileged Role Administrator
# in Entra, with Entra ID P1 where playbooks act on applications (custom roles of Entra), and Cloud Application
# Administrator with CORDON_AWS, which makes an application; the Azure CLI with Bicep, zip, openssl, and Node 24.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
deploy=functions/azure/deploy

node $deploy/check-settings.ts
stage=$CORDON_STAGE
nowhere='{"role":"","audience":"","region":"","sourceIdentity":""}'
home=$(az account show --query id --output tsv)
nobody='{"issuer":"","roles":""}'
deployment="cordon-$stage"
answer() { az deployment group show --resource-group "$CORDON_GROUP" --name "$deployment" --query "properties.outputs.$1.value" --output tsv; }
# The system topic of kind $1 that the subscription has, as JSON; there is no second one of a kind.
topic_there() {
  az eventgrid system-topic list --subscription "$subscription" --query "[].[topicType, name, resourceGroup]" --output tsv |
    awk -F '\t' -v kind="$1" 'tolower($1) == kind { name = $2; group = $3 } END { printf "{\"name\":\"%s\",\"group\":\"%s\"}", name, group }'
}

# Shows what script $2 would change, and changes it where a person agrees to question $1.
declined=()
agree() {
  local question=$1 yes
  shift
  node "$@" --what-if
  read -r -p "$question (y/n) " yes
  if [[ "$yes" == y ]]; then node "$@"; else echo "Nothing of this was changed." >&2; declined+=("$question node $*"); fi
}

echo "1. What holds, runs and watches Cordon"
az group create --name "$CORDON_GROUP" --location "$CORDON_LOCATION" --output none
defender=$(az ad sp show --id 8edd93e1-2103-40b4-bd70-6e34e586362d --query id --output tsv)
officer=$(az ad signed-in-user show --query id --output tsv)
# a locked policy takes no PUT any more: the template leaves it alone
evidenceLocked=$($deploy/evidence.sh is-locked "$CORDON_GROUP" "$stage")
az deployment group create --confirm-with-what-if --resource-group "$CORDON_GROUP" --name "$deployment" \
  --template-file "$deploy/app.bicep" --output none \
  --parameters stage="$stage" enforce="${CORDON_ENFORCE:-false}" relay="${CORDON_RELAY:-false}" \
    forwardTo="${CORDON_FORWARD_TO:-}" \
    signals="${CORDON_SIGNALS:-false}" outcomes="${CORDON_OUTCOMES:-false}" fromAws="${CORDON_FROM_AWS:-$nobody}" \
    alwaysReady="${CORDON_ALWAYS_READY:-0}" location="$CORDON_LOCATION" alertEmails="$CORDON_ALERT_EMAILS" \
    apiAudience="$CORDON_API_AUDIENCE" defenderPrincipalId="$defender" secretsOfficerId="$officer" \
    aws="${CORDON_AWS:-$nowhere}" evidenceLocked="$evidenceLocked"
app=$(answer functionAppName)
reader=$(answer readerPrincipalId)
writer=$(answer writerPrincipalId)
deadLetters=$(answer deadLetterAccountId)
identities=$(az deployment group show --resource-group "$CORDON_GROUP" --name "$deployment" --query properties.outputs.identities.value --output json)
hub=$(answer eventHubId)
people=$(answer actionGroupId)
malware=$(answer malwareTopicName)
forwarded=$(answer forwardedTopicName)
vault=$(answer vaultName)
outcomes=$(answer outcomesEndpoint)
node $deploy/check-settings.ts --identities "$identities" --event-topic "$outcomes"

# A new key takes their proof from everything that was signed with the old one: only where there certainly is none.
if ! said=$(az keyvault secret show --vault-name "$vault" --name signing-key --output none 2>&1); then
  if [[ "$said" != *SecretNotFound* ]]; then
    echo "$said" >&2
    echo "Whether $vault has a signing key is not known, so none was made. Run this again; new rights take some minutes." >&2
    exit 1
  fi
  key=$(mktemp)
  trap 'rm -f "$key"' EXIT
  openssl rand -base64 32 | tr -d '\n' > "$key"
  az keyvault secret set --vault-name "$vault" --name signing-key --file "$key" --output none
  rm -f "$key"
fi

echo "2. What its identities may do"
# an identity that is to have no rights any more keeps those it has until they are taken away
former() { az identity list --resource-group "$CORDON_GROUP" --query "[?name=='cordon-$stage-$1'].principalId" --output tsv; }
holders=(--stage "$stage" --reader "$reader" --writer "$writer" --management-group "$CORDON_MANAGEMENT_GROUP" --subscriptions "$CORDON_SUBSCRIPTIONS")
if [[ -z "$reader" ]]; then former=$(former reader); holders+=(--former-reader "$former"); fi
if [[ -z "$writer" ]]; then former=$(former writer); holders+=(--former-writer "$former"); fi
if [[ -n "$reader" ]]; then
  az deployment mg create --confirm-with-what-if --management-group-id "$CORDON_MANAGEMENT_GROUP" --name "$deployment" \
    --location "$CORDON_LOCATION" --template-file "$deploy/management-group.bicep" --output none \
    --parameters stage="$stage" readerPrincipalId="$reader" writerPrincipalId="$writer" identities="$identities"
fi
agree "Grant and revoke these?" $deploy/graph-roles.ts "${holders[@]}"
if [[ -n "${CORDON_AWS:-}" ]]; then
  goesIntoAws=$(answer homePrincipalId)
  agree "Let it have tokens for AWS?" $deploy/token-for-aws.ts --aws "$CORDON_AWS" --identity "$goesIntoAws"
fi

echo "3. Where its events come from"
for subscription in $CORDON_SUBSCRIPTIONS; do
  changes=$(topic_there microsoft.resources.subscriptions)
  policies=$(topic_there microsoft.policyinsights.policystates)
  az deployment sub create --confirm-with-what-if --subscription "$subscription" --name "$deployment" \
    --location "$CORDON_LOCATION" --template-file "$deploy/subscription.bicep" --output none \
    --parameters stage="$stage" location="$CORDON_LOCATION" eventHubId="$hub" actionGroupId="$people" \
      readerPrincipalId="$reader" writerPrincipalId="$writer" topicsThere="{\"changes\":$changes,\"policies\":$policies}"
done

echo "4. The code"
npm run build
rm -f dist/azure.zip
(cd dist/azure && zip --quiet --recurse-paths ../azure.zip .)
az functionapp deployment source config-zip --resource-group "$CORDON_GROUP" --name "$app" --src dist/azure.zip --output none

echo "5. The event subscriptions, which ask the code before they send"
function="/subscriptions/$home/resourceGroups/$CORDON_GROUP/providers/Microsoft.Web/sites/$app"
for subscription in $CORDON_SUBSCRIPTIONS; do
  topics=$(az deployment sub show --subscription "$subscription" --name "$deployment" --query properties.outputs.topics.value --output json)
  az deployment sub create --confirm-with-what-if --subscription "$subscription" --name "$deployment-events" \
    --location "$CORDON_LOCATION" --template-file "$deploy/subscription-events.bicep" --output none \
    --parameters stage="$stage" topics="$topics" functionAppId="$function" deadLetterAccountId="$deadLetters"
done
az deployment group create --confirm-with-what-if --resource-group "$CORDON_GROUP" --name "$deployment-events" \
  --template-file "$deploy/topic-events.bicep" --output none \
  --parameters malwareTopicName="$malware" forwardedTopicName="$forwarded" functionAppId="$function" deadLetterAccountId="$deadLetters"

if [[ "${CORDON_LOCK_EVIDENCE:-}" == yes ]]; then
  echo "6. Locking the retention of evidence and anchors"
  $deploy/evidence.sh lock "$CORDON_GROUP" "$stage"
fi

for one in ${declined[@]+"${declined[@]}"}; do echo "Not done, as you said no: $one"; done
echo "Done. Name $malware in the malware scanning of each storage account that is to be watched;"
if [[ "${CORDON_SIGNALS:-}" == true ]]; then echo "Diagnostic settings send to the hub signals with the rule $(answer signalsRuleId)"; fi
if [[ -n "${CORDON_AWS:-}" ]]; then echo "Into AWS goes the identity $goesIntoAws: HomeIdentity or ForwardingIdentity of from-azure.yml."; fi
if [[ -n "${CORDON_FROM_AWS:-}" ]]; then
  echo "AWS is deployed with:"
  for name in azureTenant azureReaderClientId azureWriterClientId azureHomeClientId; do
    value=$(answer $name)
    [[ -z "$value" ]] || echo "  --param $name=$value"
  done
  if [[ -z "${CORDON_FORWARD_TO:-}" ]]; then echo "  --param forwardTo=event-topic:$(answer forwardedEndpoint)"; fi
fi
echo "Its HTTP API: export CORDON_DEPLOYMENT=https://$app.azurewebsites.net CORDON_API_AUDIENCE=$CORDON_API_AUDIENCE"
if [[ -z "${CORDON_FORWARD_TO:-}" ]]; then
  echo "It answers at https://$(az functionapp show --resource-group "$CORDON_GROUP" --name "$app" --query defaultHostName --output tsv)"
fi
echo "npm run cordon -- doctor --deployment <that address> says what is missing; functions/deploy.md says how to ask it."
