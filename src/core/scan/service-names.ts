/**
 * Names of services whose keys, tokens and licences people keep in configurations: a key that carries one of them is a key,
 * not an index. Common words that also are names of services (branch, box, linear) are left out: they mean too much else.
 */

export const SERVICES: ReadonlySet<string> = new Set(
  `
  abstractapi abuseipdb accuweather activecampaign adafruit adobe adyen aftership agora ahrefs ai21 aikido airbrake
  aircall airtable airvisual aiven akamai alchemy alchemyapi algolia alibaba alibabacloud alicloud alienvault
  aliyun alphavantage amadeus amplitude ankr anthropic anthropicai anypoint anyscale apideck apify apilayer
  appcenter appdynamics appfollow appsflyer appveyor appwrite arbiscan artifactory asana assemblyai atlassian auth0
  authorizenet authy autodesk automox avalara aviationstack aweber azure backblaze baidu bamboohr baremetrics
  basecamp baseten betterstack billcom bing bitbucket bitly bitrise bitsight bluesky bluesnap blynk braintree braze
  brevo brightcove brightdata browserless browserstack bscscan bugsnag buildbuddy builderio buildkite bunnycdn
  bunnynet bynder calendarific calendly callrail campaignmonitor carto cartodb censys cerebras chargebee chartmogul
  chatwoot checkmarx checkr chromatic circleci clarifai clay clearbit clearout clerk clickatell clickhouse
  clicksend clickup clockify cloudconvert cloudflare cloudinary cloudmersive cloudsmith cloudways codacy
  codeclimate codecov codemagic coderabbit cohere coinapi coinbase coingecko coinlayer coinmarketcap coinpaprika
  confluence confluent constantcontact contabo contentful contentstack convertkit coralogix couchbase couchdb
  coveralls createsend crossref crowdin crowdstrike crunchbase cryptocompare currencylayer currencyscoop customerio
  cyberark cypress dailyco databento databricks datadog datadoghq dataforseo datarobot deepai deepgram deepinfra
  deepl deepseek deezer delighted deliveroo desec dialogflow dialpad diffbot digicert digitalocean directus discord
  discourse disqus dixa dnsimple docker dockerhub docusign docuware doordash doppler doubleclick dribbble droneci
  dropbox duffel dwolla dynatrace dynu easypost ebay edamam elastic elasticcloud elasticemail elevenlabs eloqua
  emailjs emby endorlabs envato eodhd eppo etherscan etsy eventbrite everhour evernote exchangerateapi
  exchangeratesapi exoscale expensify facebook facepp fal falai fastly fastspring fauna faunadb fedex figma
  filestack fillout finage financialmodelingprep fingerprintjs finicity finnhub firebase firecrawl fireworksai
  fivetran fixerio flagsmith flatfile flexport flickr flightaware flipside flutterwave flyio formspree formstack
  fortigate foursquare freshbooks freshchat freshdesk freshsales freshservice freshworks frontegg fullstory
  fusionauth gandi gcloud gcp gemfury gemstash geoapify geocodio geoipify geonames getresponse getstream
  ghostinspector giphy gitbook gitea gitee github gitlab gitter glassfrog glassnode gocardless godaddy gofile
  goldsky goodreads google googleai googlemaps gorgias gotify grafana graphcms greenhouse greynoise groq gumroad
  gusto hackerone hackerrank harness hashnode hasura hcaptcha helicone hellosign helpscout hereapi heroku hetzner
  hexpm hightouch holidayapi homeassistant honeybadger honeycomb hootsuite hostgator hostinger huawei huaweicloud
  hubspot huggingface hunterio hypertrack hypixel ibmcloud iconfinder ideogram ifttt imagekit imgbb imgix imgur
  immich influxdb infobip infracost infura inngest insightly instabug instacart instagram integromat intelx
  intercom intrinio invoiceninja ionos ipapi ipdata ipgeolocation ipify ipinfo ipinfodb ipqualityscore ipregistry
  ipstack iterable jellyfin jenkins jfrog jira jotform jumpcloud kaggle kakao keenio kickbox klarna klaviyo knowbe4
  kontent kubecost kucoin lacework langchain langfuse langsmith lark lastfm launchdarkly leadfeeder lemlist
  lemonsqueezy lightstep linkedin linkpreview linode liveblocks livekit liveperson lob localstack locationiq logdna
  loggly logrocket logtail logzio lokalise looker lunacy magento mailboxlayer mailchimp mailerlite mailersend
  mailgun mailjet mailtrap mandrill mangopay mapbox mapquest maptiler markerio marketo marketstack mastercard
  mastodon mattermost maxmind mediastack mega meilisearch meraki mercadopago messagebird metaapi metabase meteostat
  microsoft mindbody minio miro mistral mistralai mixpanel mollie mongodb mongodbatlas moosend moralis mparticle
  musixmatch muxinc n8n namecheap nasa neo4j netlify newrelic newsapi newscatcher nexmo nextcloud nextdns ngrok
  nitropack noaa notion npmjs nuget numverify nutritionix nvidia nylas nytimes oanda okta ollama omnisend onedrive
  onelogin onesignal openai openaq opencage openexchangerates openfigi openrouter openrouteservice opensea
  opensearch openstack openuv openweather openweathermap opsgenie optimizely oracle overloop ovh ovhcloud owlbot
  owm owncloud packagist pagerduty paperform paralleldots parsehub partnerstack passbase payoneer paypal paystack
  payu pcloud pdflayer pendo percy perplexity pihole pinata pinecone pingdom pinterest pipedream pipedrive
  pivotaltracker plaid planetscale planview platformsh playht plex plivo polygonscan polymarket porkbun portkey
  postageapp posthog postman postmark powerbi prestashop prismic prodigi productboard pulumi pushbullet pusher
  pushover pyowm qdrant qualtrics qualys quickbooks quicknode radarr rapid7 rapidapi razorpay recaptcha recurly
  redash reddit rediscloud refinitiv retellai revenuecat ringcentral riotgames rollbar rome2rio rootly runpod
  runwayml salesforce salesloft sanity saucelabs scaleway scalyr scrapeops scraperapi scrapfly scrapingant
  scrapingbee scrapinghub screenshotapi screenshotlayer seafile seatgeek securitytrails segmentio semaphoreci
  sendbird sendgrid sendinblue sendpulse sentinelone sentry seon serpapi serpstack servicenow shazam shippo
  shipstation shodan shopify shutterstock signalfx signalwire signiant sinch sketchfab slack smartling smartsheet
  smartystreets smsapi smugmug snipcart snowflake snyk solarwinds sonar sonarcloud sonarqube sonarr soundcloud
  spacelift sparkpost speechmatics splunk spoonacular spotify squarespace squareup stabilityai stackblitz stackhawk
  stackpath stadiamaps statuscake statuspage stormglass storyblok strapi strava streamlabs stripe stytch sugarcrm
  sumologic sumsub sumup supabase superset surveymonkey surveysparrow svix swaggerhub swiftype tableau tailscale
  tawk taxjar teamcity telegram telesign telnyx tencent tencentcloud testomatio testrail textmagic thehive
  thingsboard thousandeyes ticketmaster tidio tiingo tiktok timescale tmdb todoist togetherai tomorrowio tomtom
  traccar trakt transifex travisci trello trendmicro triggerdev tripadvisor truecaller truelayer trulioo tumblr
  twelvedata twilio twitch twitter tyntec typeform typesense ubidots unsplash upcloud uploadcare upstash
  uptimerobot urbanairship urlscan userflow usertesting vbulletin veracode vercel veriff viewdns vimeo virustotal
  visualcrossing voiceflow vonage voyageai vultr wakatime walmart wandb wasabi watson weatherapi weatherbit
  weatherstack weaviate webex webflow wechat wepay whatsapp whereby whoisxml wise wistia wolframalpha woocommerce
  wordnik workday worldweatheronline wrike wufoo xai xero yahoo yandex yelp youneedabudget youtube zapier zendesk
  zenhub zenrows zenserp zeplin zerobounce zerossl zhipu zilliz zipcodeapi zoho zohocrm zonkafeedback zoom zoominfo
  zscaler zulip zuora zuplo
  `
    .trim()
    .split(/\s+/),
)
