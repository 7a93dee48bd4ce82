#!/usr/bin/env bash
# Deploys Cordon to Azure, each step shown before it is done. Run it again for every change: what is there stays.
#
#   CORDON_STAGE=staging CORDON_LOCATION=westeurope CORDON_GROUP=rg-cordon-staging \
#   CORDON_MANAGEMENT_GROUP=mg-landing-zones CORDON_SUBSCRIPTIONS="<id> <id>" \
#   CORDON_ALERT_EMAILS='["secops@example.com"]' CORDON_API_AUDIENCE=<client id> \
#     functions/azure/deploy/deploy.sh
#
# Also: CORDON_ENFORCE=true for a stage that may change things; CORDON_RELAY=true; CORDON_ALWAYS_READY=1;
# CORDON_FORWARD_TO=event-bus:<ARN> where AWS is the home; CORDON_FORWARDER=<object id> of the identity with which AWS
# hands events on where this is the home; CORDON_AWS='{"role":…,"audience":…,"region":…,"sourceIdentity":…}' to act in AWS from here.
# CORDON_LOCK_EVIDENCE=yes locks the retention of evidence for good: it can be made longer, and never shorter.
# Needs Owner on the resource group, User Access Administrator on the management group and Privileged Role
# Administrator in Entra, with Entra ID P1 where playbooks act on applications (custom roles of Entra); the Azure CLI with Bicep, zip, openssl, and Node 24.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
deploy=functions/azure/deploy

for name in CORDON_STAGE CORDON_LOCATION CORDON_GROUP CORDON_MANAGEMENT_GROUP CORDON_SUBSCRIPTIONS CORDON_ALERT_EMAILS CORDON_API_AUDIENCE; do
  [[ -n "${!name:-}" ]] || { echo "$name is not set; see the head of $deploy/deploy.sh" >&2; exit 2; }
done
stage=$CORDON_STAGE
nowhere='{"role":"","audience":"","region":"","sourceIdentity":""}'
home=$(az account show --query id --output tsv)
deployment="cordon-$stage"
answer() { az deployment group show --resource-group "$CORDON_GROUP" --name "$deployment" --query "properties.outputs.$1.value" --output tsv; }

echo "1. What holds, runs and watches Cordon"
az group create --name "$CORDON_GROUP" --location "$CORDON_LOCATION" --output none
defender=$(az ad sp show --id 8edd93e1-2103-40b4-bd70-6e34e586362d --query id --output tsv)
officer=$(az ad signed-in-user show --query id --output tsv)
az deployment group create --confirm-with-what-if --resource-group "$CORDON_GROUP" --name "$deployment" \
  --template-file "$deploy/app.bicep" --output none \
  --parameters stage="$stage" enforce="${CORDON_ENFORCE:-false}" relay="${CORDON_RELAY:-false}" \
    forwardTo="${CORDON_FORWARD_TO:-}" \
    forwarderPrincipalId="${CORDON_FORWARDER:-}" alwaysReady="${CORDON_ALWAYS_READY:-0}" location="$CORDON_LOCATION" alertEmails="$CORDON_ALERT_EMAILS" \
    apiAudience="$CORDON_API_AUDIENCE" defenderPrincipalId="$defender" secretsOfficerId="$officer" \
    aws="${CORDON_AWS:-$nowhere}"
app=$(answer functionAppName)
reader=$(answer readerPrincipalId)
writer=$(answer writerPrincipalId)
deadLetters=$(answer deadLetterAccountId)
identities=$(az deployment group show --resource-group "$CORDON_GROUP" --name "$deployment" --query properties.outputs.identities.value --output json)

vault=$(answer vaultName)
if ! az keyvault secret show --vault-name "$vault" --name signing-key --output none 2>/dev/null; then
  az keyvault secret set --vault-name "$vault" --name signing-key --value "$(openssl rand -base64 32)" --output none
fi

echo "2. What its identities may do"
az deployment mg create --confirm-with-what-if --management-group-id "$CORDON_MANAGEMENT_GROUP" --name "$deployment" \
  --location "$CORDON_LOCATION" --template-file "$deploy/management-group.bicep" --output none \
  --parameters stage="$stage" readerPrincipalId="$reader" writerPrincipalId="$writer" identities="$identities"
node $deploy/graph-roles.ts --stage "$stage" --reader "$reader" --writer "$writer" --what-if
read -r -p "Grant and revoke these permissions of Microsoft Graph and Entra? (y/n) " yes
[[ "$yes" == y ]] && node $deploy/graph-roles.ts --stage "$stage" --reader "$reader" --writer "$writer"

echo "3. Where its events come from"
for subscription in $CORDON_SUBSCRIPTIONS; do
  az deployment sub create --confirm-with-what-if --subscription "$subscription" --name "$deployment" \
    --location "$CORDON_LOCATION" --template-file "$deploy/subscription.bicep" --output none \
    --parameters stage="$stage" location="$CORDON_LOCATION" eventHubId="$(answer eventHubId)" \
      actionGroupId="$(answer actionGroupId)" readerPrincipalId="$reader" writerPrincipalId="$writer"
done

echo "4. The code"
for id in $(answer identities); do
  grep -qi "$id" "${CORDON_CONFIG:-cordon.yaml}" || echo "azure.identities in ${CORDON_CONFIG:-cordon.yaml} should list $id" >&2
done
npm run build
rm -f dist/azure.zip
(cd dist/azure && zip --quiet --recurse-paths ../azure.zip .)
az functionapp deployment source config-zip --resource-group "$CORDON_GROUP" --name "$app" --src dist/azure.zip --output none

echo "5. The event subscriptions, which ask the code before they send"
function="/subscriptions/$home/resourceGroups/$CORDON_GROUP/providers/Microsoft.Web/sites/$app"
for subscription in $CORDON_SUBSCRIPTIONS; do
  az deployment group create --confirm-with-what-if --subscription "$subscription" --resource-group "cordon-$stage-sources" \
    --name "$deployment-events" --template-file "$deploy/subscription-events.bicep" --output none \
    --parameters stage="$stage" functionAppId="$function" deadLetterAccountId="$deadLetters"
done
az deployment group create --confirm-with-what-if --resource-group "$CORDON_GROUP" --name "$deployment-events" \
  --template-file "$deploy/topic-events.bicep" --output none \
  --parameters malwareTopicName="$(answer malwareTopicName)" forwardedTopicName="$(answer forwardedTopicName)" functionAppId="$function" deadLetterAccountId="$deadLetters"

if [[ "${CORDON_LOCK_EVIDENCE:-}" == yes ]]; then
  echo "6. Locking the retention of evidence and anchors"
  account=$(answer stateAccountName)
  for container in cordon-evidence cordon-anchors; do
    etag=$(az storage container immutability-policy show --account-name "$account" --container-name "$container" --query etag --output tsv)
    az storage container immutability-policy lock --account-name "$account" --container-name "$container" --if-match "$etag" --output none
  done
fi

echo "Done. Name $(answer malwareTopicName) in the malware scanning of each storage account that is to be watched;"
echo "npm run cordon -- doctor says what is missing."
