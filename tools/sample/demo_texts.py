"""Names and texts of the demonstration company, in English and Romanian."""

FIRST_NAMES = {
    'en': ['Alice', 'Ben', 'Charlotte', 'David', 'Emma', 'Frank', 'Grace', 'Harry', 'Isla', 'Jack', 'Kate', 'Liam',
           'Mary', 'Noah', 'Olivia', 'Peter', 'Rose', 'Sam', 'Tessa', 'Will'],
    'ro': ['Ana', 'Bogdan', 'Cristina', 'Dan', 'Elena', 'Florin', 'Gabriela', 'Horia', 'Ioana', 'Lucian', 'Maria',
           'Mihai', 'Nicoleta', 'Oana', 'Paul', 'Raluca', 'Sorin', 'Ștefan', 'Tudor', 'Violeta'],
}
LAST_NAMES = {
    'en': ['Adams', 'Baker', 'Clarke', 'Dixon', 'Evans', 'Foster', 'Green', 'Hughes', 'Jackson', 'Kelly', 'Lewis',
           'Morgan', 'Norris', 'Parker', 'Reed', 'Shaw', 'Turner', 'Walsh', 'Wright', 'Young'],
    'ro': ['Albu', 'Bălan', 'Ciobanu', 'Dumitrescu', 'Enache', 'Florea', 'Georgescu', 'Ionescu', 'Lungu', 'Marin',
           'Munteanu', 'Neagu', 'Popa', 'Pârvu', 'Rusu', 'Sandu', 'Stoica', 'Țurcanu', 'Ursu', 'Văduva'],
}
COMPANY_STEMS = {
    'en': ['Northern', 'Riverside', 'Oakwood', 'Harbour', 'Summit', 'Meadow', 'Castle', 'Bridge', 'Kings', 'Valley',
           'Granite', 'Lakeside', 'Foxhill', 'Silver', 'Westgate', 'Orchard'],
    'ro': ['Carpați', 'Dunărea', 'Mureș', 'Transilvania', 'Moldova', 'Bucegi', 'Someș', 'Olt', 'Retezat', 'Făgăraș',
           'Banat', 'Crișana', 'Prut', 'Dobrogea', 'Apuseni', 'Bistrița'],
}
COMPANY_KINDS = {
    'en': ['Cycles', 'Sports', 'Outdoor', 'Hire', 'Couriers', 'Tours', 'Leisure', 'Schools Trust'],
    'ro': ['Biciclete', 'Sport', 'Aventura', 'Închirieri', 'Curier', 'Turism', 'Velo', 'Activ'],
}
CITIES = {
    'en': [('Bristol', 'United Kingdom'), ('Leeds', 'United Kingdom'), ('York', 'United Kingdom'),
           ('Dublin', 'Ireland'), ('Cork', 'Ireland'), ('Bath', 'United Kingdom')],
    'ro': [('Cluj-Napoca', 'România'), ('Timișoara', 'România'), ('Iași', 'România'), ('Brașov', 'România'),
           ('București', 'România'), ('Sibiu', 'România')],
}
STREETS = {'en': ['High Street', 'Station Road', 'Mill Lane', 'Church Street'],
           'ro': ['Strada Lungă', 'Bulevardul Unirii', 'Calea Victoriei', 'Strada Morii']}
TITLES = {'en': ['Buyer', 'Shop manager', 'Owner', 'Fleet manager', 'Head of purchasing'],
          'ro': ['Responsabil achiziții', 'Manager magazin', 'Administrator', 'Manager flotă', 'Director comercial']}
LEAD_SUBJECTS = {
    'en': ['{n} city bicycles', '{n} cargo bikes for deliveries', 'Rental fleet of {n}', 'Spare parts for the season',
           'Workshop contract', '{n} electric bicycles'],
    'ro': ['{n} biciclete de oraș', '{n} biciclete cargo pentru livrări', 'Flotă de închiriat, {n} bucăți',
           'Piese de schimb pentru sezon', 'Contract de service', '{n} biciclete electrice'],
}
LEAD_TEXTS = {
    'en': ['Met at the trade fair; wants an offer before the season.', 'Asked on our web page for prices and delivery.',
           'A customer of ours told them about us.', 'Unhappy with their supplier, who delivers late.'],
    'ro': ['Ne-am cunoscut la târg; dorește ofertă înainte de sezon.', 'A cerut pe site prețuri și termene de livrare.',
           'Ne-a recomandat un client mai vechi.', 'Nemulțumit de furnizorul actual, care livrează târziu.'],
}
CALLS = {'en': ['First call', 'Ask what they think of the offer', 'Agree on delivery'],
         'ro': ['Primul apel', 'Întreabă ce părere au despre ofertă', 'Stabilește livrarea']}
TASKS = {'en': ['Write the offer', 'Check the stock', 'Send the catalogue', 'Prepare the contract'],
         'ro': ['Scrie oferta', 'Verifică stocul', 'Trimite catalogul', 'Pregătește contractul']}
MEETINGS = {'en': ['Visit the shop', 'Show the models', 'Talk about the contract'],
            'ro': ['Vizită la magazin', 'Prezentarea modelelor', 'Discuție despre contract']}
MAIL_SUBJECTS = {'en': ['Our offer', 'Prices for the season', 'Delivery dates', 'Thank you'],
                 'ro': ['Oferta noastră', 'Prețuri pentru sezon', 'Termene de livrare', 'Mulțumim']}
MAIL_TEXTS = {
    'en': ['Thank you for your interest. Our offer is attached; it holds for thirty days.',
           'We can deliver within two weeks from our warehouse in Sibiu.'],
    'ro': ['Vă mulțumim pentru interes. Atașăm oferta, valabilă treizeci de zile.',
           'Putem livra în două săptămâni din depozitul de la Sibiu.'],
}
ANSWERS = {'en': ['That sounds good. When can you come by?', 'It is more than we thought. Can you do better?'],
           'ro': ['Sună bine. Când puteți trece pe la noi?', 'E peste bugetul nostru. Se poate mai puțin?']}
NOTES = {'en': ['Decides together with the owner.', 'Pays on time.', 'Wants blue frames only.', 'Busy until Easter.'],
         'ro': ['Decide împreună cu proprietarul.', 'Plătește la timp.', 'Vrea doar cadre albastre.',
                'Ocupat până la Paște.']}
POSTS = {'en': ['They liked the new model a lot.', 'Who has been to their shop?', 'Season starts early this year.'],
         'ro': ['Le-a plăcut mult noul model.', 'A fost cineva la magazinul lor?', 'Sezonul începe devreme anul acesta.']}
COMMENTS = {'en': ['Well done!', 'I know the owner.', 'Ask Dan about the stock.'],
            'ro': ['Bravo!', 'Îl cunosc pe proprietar.', 'Întreabă-l pe Dan de stoc.']}
LOST = {'en': ['Too expensive for them.', 'They stay with their supplier.', 'No budget this year.'],
        'ro': ['Prea scump pentru ei.', 'Rămân la furnizorul lor.', 'Nu au buget anul acesta.']}
PRODUCTS = [('Urban 3', 'City', '420'), ('Urban 7', 'City', '610'), ('Porter', 'Cargo', '2450'),
            ('Porter E', 'Cargo', '4390'), ('Volt', 'Electric', '1890'), ('Volt Trail', 'Electric', '3250'),
            ('Kid 20', 'Children', '230'), ('Workshop year', 'Service', '180')]
COMPETITORS = ['Pedalix', 'Two Wheels Europe', 'BiciMax']
