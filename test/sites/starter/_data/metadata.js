export default { title: 'Fieldnotes', url: 'https://alice.example/', language: 'en' }
